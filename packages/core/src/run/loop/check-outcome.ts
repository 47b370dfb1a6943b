import { type StoredError, type TaskOutcome, VarveError, type WrittenArtifact } from '../../contract/index.ts';
import { isDigest } from '../../store/objects/digest.ts';
import { asBoolean, asFields, asNumber, asString, asStrings, ShapeError } from '../../store/objects/shape.ts';

/**
 * What a runner said of an attempt, checked before it reaches the journal: runners are plugins, and what is stored
 * must be readable for ever. Throws `VARVE_RUNNER_OUTCOME` with the field that is wrong.
 */
export function checkOutcome(outcome: TaskOutcome, runner: string, label: string): TaskOutcome {
  try {
    return readOutcome(outcome);
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
    throw new VarveError(
      'VARVE_RUNNER_OUTCOME',
      `the runner '${runner}' reported ${label} wrongly: outcome${error.message}`,
      {
        hint: 'That is a fault of the runner: tell its author, or run with --runner threads.',
      },
    );
  }
}

function readOutcome(value: TaskOutcome): TaskOutcome {
  const fields = asFields(value, '');
  if (asNumber(fields.ms, '.ms') < 0) throw new ShapeError('.ms', 'a duration');
  if (value.log !== undefined) checkArtifact(value.log, '.', 'log');
  if (asBoolean(fields.ok, '.ok')) {
    const writes = asFields(fields.writes, '.writes');
    for (const name of Object.keys(writes)) checkArtifact(writes[name], '.writes.', name);
    asStrings(fields.deletes, '.deletes');
    asStrings(fields.reads, '.reads');
    return value;
  }
  checkError(fields.error, '.error');
  asBoolean(fields.retryable, '.retryable');
  if (fields.lost !== undefined && !isDigest(fields.lost)) throw new ShapeError('.lost', 'a digest');
  return value;
}

/** Done for every task: the place is put into words only when something is wrong. */
function checkArtifact(value: unknown, at: string, name: string): void {
  const { reference, bytes } = (value ?? {}) as Partial<WrittenArtifact>;
  const { digest, codec, size } = (reference ?? {}) as Partial<WrittenArtifact['reference']>;
  const place = (field: string) => `${at}${name}${field}`;
  if (!isDigest(digest)) throw new ShapeError(place('.reference.digest'), 'a digest');
  if (typeof codec !== 'string') throw new ShapeError(place('.reference.codec'), 'a string');
  if (!Number.isSafeInteger(size) || (size as number) < 0)
    throw new ShapeError(place('.reference.size'), 'a whole number that is not negative');
  if (bytes === undefined) return;
  if (!(bytes instanceof Uint8Array)) throw new ShapeError(place('.bytes'), 'a Uint8Array');
  if (bytes.byteLength !== size) throw new ShapeError(place('.bytes'), `${size} bytes long, but ${bytes.byteLength}`);
}

/** Causes of causes that a runner may report. */
const CAUSES_MAX = 8;

function checkError(value: unknown, path: string, depth = 0): void {
  if (depth > CAUSES_MAX) throw new ShapeError(path, `at most ${CAUSES_MAX} causes deep`);
  const error = asFields(value, path) as Partial<StoredError>;
  asString(error.name, `${path}.name`);
  asString(error.message, `${path}.message`);
  for (const name of ['code', 'hint', 'stack'] as const)
    if (error[name] !== undefined) asString(error[name], `${path}.${name}`);
  if (error.location !== undefined) checkLocation(error.location, `${path}.location`);
  if (error.cause !== undefined) checkError(error.cause, `${path}.cause`, depth + 1);
}

function checkLocation(value: unknown, path: string): void {
  const { file, line, column } = asFields(value, path);
  asString(file, `${path}.file`);
  if (!Number.isSafeInteger(line)) throw new ShapeError(`${path}.line`, 'a whole number');
  if (column !== undefined && !Number.isSafeInteger(column)) throw new ShapeError(`${path}.column`, 'a whole number');
}
