import { type Reference, type Serializer, VarveError } from '../../contract/index.ts';

/** The value of stored bytes. Throws `VARVE_UNKNOWN_CODEC` when no serializer of the stack reads them. */
export function decodeStored(serializer: Serializer, { codec }: Reference, bytes: Uint8Array): unknown {
  if (serializer.decodes(codec)) return serializer.decode(codec, bytes);
  throw new VarveError(
    'VARVE_UNKNOWN_CODEC',
    `an artifact was stored as '${codec}', which ${serializer.id} does not read`,
    { hint: 'Add the serializer that wrote it to varve.config.ts, to be read with: readers: [theSerializer()].' },
  );
}
