import { type Reference, VarveError, type WrittenArtifact } from '../contract/index.ts';
import type { Elements } from '../run/index.ts';
import { joinBytes } from '../store/index.ts';
import { decodeStored, isFileCodec, SMALL } from '../task/index.ts';
import type { SessionParts } from './parts.ts';

/** Looks into values, and stores them, for the scheduler: it never holds one itself. */
export class StoreValues {
  constructor(
    private readonly parts: () => Promise<SessionParts>,
    private readonly read: (reference: Reference) => Promise<readonly Uint8Array[]>,
  ) {}

  /** Equal elements have equal digests, wherever they stand in a list. */
  async expand(list: Reference, name: string): Promise<Elements> {
    const { serializer, artifacts } = await this.parts();
    return elementsOf(await this.value(list), name, (element) => {
      const { codec, parts } = serializer.encode(element);
      return `${codec} ${artifacts.refer(parts, codec).digest}`;
    });
  }

  async test(flag: Reference, expected: readonly unknown[] | undefined): Promise<boolean> {
    const value = await this.value(flag);
    return expected === undefined ? Boolean(value) : expected.includes(value);
  }

  async store(value: unknown): Promise<WrittenArtifact> {
    const { codec, parts } = (await this.parts()).serializer.encode(value);
    return this.keep(parts, codec);
  }

  /** Names bytes; what is not small is durable when this resolves. */
  async keep(parts: readonly Uint8Array[], codec: string): Promise<WrittenArtifact> {
    const { artifacts } = await this.parts();
    const reference = artifacts.refer(parts, codec);
    if (reference.size <= SMALL) return { reference, bytes: joinBytes(parts, reference.size) };
    return { reference: await artifacts.put(parts, codec) };
  }

  private async value(reference: Reference): Promise<unknown> {
    const { serializer } = await this.parts();
    if (isFileCodec(reference.codec)) return new StoredFile();
    const [bytes] = await this.read(reference);
    return decodeStored(serializer, reference, bytes ?? new Uint8Array(0));
  }
}

/** Stands for a stored file where only its presence matters. */
class StoredFile {}

/** Longer names are cut for people; the element itself is not touched. Characters. */
const LABEL_MAX = 40;

/** Names for the elements of a foreach, and digests of their values. Throws `VARVE_NOT_A_LIST`. */
export function elementsOf(list: unknown, name: string, digest: (element: unknown) => string): Elements {
  const labels = labelsOf(list, name);
  return { labels, digests: Array.from(list as readonly unknown[], digest) };
}

/** A name for each element of a foreach: the value itself when it is short, else its position. */
export function labelsOf(list: unknown, name: string): string[] {
  if (!Array.isArray(list)) {
    throw new VarveError('VARVE_NOT_A_LIST', `foreach: '${name}' needs an array, but ${name} is ${describe(list)}`, {
      hint: `Assign an array: this.${name} = [...]`,
    });
  }
  const labels = Array.from(list, (element, index) => labelOf(element) ?? String(index));
  const seen = new Map<string, number>();
  for (const label of labels) seen.set(label, (seen.get(label) ?? 0) + 1);
  const misleading = labels.some((label, index) => isIndexOfAnother(label, index, labels.length));
  return labels.map((label, index) => {
    const isUnclear = (seen.get(label) ?? 0) > 1 || (misleading && WHOLE.test(label));
    return isUnclear ? `${label}#${index}` : label;
  });
}

const WHOLE = /^\d+$/;

/** `train[2]` must not be called what another task is: its own third one. */
function isIndexOfAnother(label: string, index: number, length: number): boolean {
  return WHOLE.test(label) && label !== String(index) && Number(label) < length;
}

function labelOf(element: unknown): string | undefined {
  if (typeof element === 'string') return printable(element);
  if (typeof element === 'number' || typeof element === 'boolean' || typeof element === 'bigint')
    return String(element);
  if (typeof element !== 'object' || element === null) return undefined;
  for (const key of ['name', 'id', 'key']) {
    const named = Object.hasOwn(element, key) ? (element as Record<string, unknown>)[key] : undefined;
    if (typeof named === 'string' || typeof named === 'number') return printable(String(named));
  }
  return undefined;
}

/** Brackets, commas and control characters would make a label unreadable as part of a task's name. */
function printable(text: string): string | undefined {
  const clean = text.replace(/[\p{C}[\],]+/gu, ' ').trim();
  if (clean === '') return undefined;
  return clean.length > LABEL_MAX ? `${clean.slice(0, LABEL_MAX - 1)}…` : clean;
}

function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  return typeof value === 'object'
    ? `a ${value.constructor?.name ?? 'object'}`
    : `the ${typeof value} ${JSON.stringify(value)}`;
}
