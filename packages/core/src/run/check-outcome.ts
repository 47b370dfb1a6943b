import { isDigest } from '../artifact/index.ts';
import { type StoredError, type TaskOutcome, VarveError, type WrittenArtifact } from '../contract/index.ts';
import { asBoolean, asCount, asFields, asNumber, asRecord, asString, asStrings, ShapeError } from '../journal/index.ts';

/**
 * What a runner said of an attempt, checked before it reaches the journal: runners are plugins, and what is stored
 * must be readable for ever. Throws `VARVE_RUNNER_OUTCOME` with the field that is wrong.
 */
export function checkOutcome(outcome: TaskOutcome, runner: string, label: string): TaskOutcome {
  try {
    return readOutcome(outcome);
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
    throw new VarveError('VARVE_RUNNER_OUTCOME', `the runner '${runner}' reported ${label} wrongly: outcome${error.message}`, {
      hint: 'That is a fault of the runner: tell its author, or run with --runner threads.',
    });
  }
}

function readOutcome(value: TaskOutcome): TaskOutcome {
  const fields = asFields(value, '');
  if (asNumber(fields.ms, '.ms') < 0) throw new ShapeError('.ms', 'a duration');
  if (value.log !== undefined) checkArtifact(value.log, '.log');
  if (asBoolean(fields.ok, '.ok')) {
    asRecord(fields.writes, '.writes', checkArtifact);
    asStrings(fields.deletes, '.deletes');
    asStrings(fields.reads, '.reads');
    return value;
  }
  checkError(fields.error, '.error');
  asBoolean(fields.retryable, '.retryable');
  return value;
}

function checkArtifact(value: unknown, path: string): void {
  const { reference, bytes } = asFields(value, path) as Partial<WrittenArtifact>;
  const fields = asFields(reference, `${path}.reference`);
  if (!isDigest(fields.digest)) throw new ShapeError(`${path}.reference.digest`, 'a digest');
  asString(fields.codec, `${path}.reference.codec`);
  const size = asCount(fields.size, `${path}.reference.size`);
  if (bytes === undefined) return;
  if (!(bytes instanceof Uint8Array)) throw new ShapeError(`${path}.bytes`, 'a Uint8Array');
  if (bytes.byteLength !== size) throw new ShapeError(`${path}.bytes`, `${size} bytes long, but ${bytes.byteLength}`);
}

function checkError(value: unknown, path: string): void {
  const error = asFields(value, path) as Partial<StoredError>;
  asString(error.name, `${path}.name`);
  asString(error.message, `${path}.message`);
  for (const name of ['code', 'hint', 'stack'] as const) if (error[name] !== undefined) asString(error[name], `${path}.${name}`);
}
