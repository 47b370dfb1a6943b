import { asFields, asRecord, asString } from '../store/objects/shape.ts';
import type { StepComponents } from './step-key.ts';

/** What a step's key was made of, as it was read back. Throws `ShapeError`. */
export function readComponents(value: unknown): StepComponents {
  const fields = asFields(value, '');
  return {
    step: asString(fields.step, '.step'),
    code: asString(fields.code, '.code'),
    pieces: asRecord(fields.pieces, '.pieces', asString),
    packages: asRecord(fields.packages, '.packages', asString),
    assets: asRecord(fields.assets, '.assets', asStringOrNull),
    env: asRecord(fields.env, '.env', asStringOrNull),
    runtime: asRecord(fields.runtime, '.runtime', asString),
    options: asRecord(fields.options, '.options', asString),
    scope: asString(fields.scope, '.scope'),
  };
}

function asStringOrNull(value: unknown, path: string): string | null {
  return value === null ? null : asString(value, path);
}
