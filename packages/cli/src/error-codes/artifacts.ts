import type { ErrorEntries } from './error-entry.ts';

/** Values on their way into the store and back. */
export const ARTIFACTS: ErrorEntries = {
  VARVE_ARTIFACT_LINK: {
    meaning: '`artifact.dir()` found a symbolic link, and a stored folder holds files only.',
    remedy: 'Copy what the link leads to into the folder, or remove the link.',
    exit: 'failed',
  },
  VARVE_BAD_DIGEST: {
    meaning: 'Something that should be a digest is none: what was read is damaged, or was not written by varve.',
    remedy: 'Put the object back from a backup, or run the flow again.',
    exit: 'setup',
  },
  VARVE_BAD_MANIFEST: {
    meaning:
      'The list of files of a stored folder, or of the code of a run, cannot be read: it is damaged, or another version of varve wrote it.',
    remedy: 'Run the task that made it again, or use the newer varve.',
    exit: 'setup',
  },
  VARVE_BAD_NAME: {
    meaning: 'A name cannot be used: it is empty, or not well-formed Unicode.',
    remedy: 'Choose a name of at least one ordinary character.',
    exit: 'setup',
  },
  VARVE_BAD_NUMBER: {
    meaning: 'A number that becomes part of a key in the store is not a whole number in its range.',
    remedy: 'Run numbers are whole numbers from 0; when you gave none, report it as a fault of varve.',
    exit: 'setup',
  },
  VARVE_BAD_PATH: {
    meaning: 'A file in a folder given to `artifact.dir()` has a path that not every system can hold.',
    remedy: 'Rename the file as the message says.',
    exit: 'failed',
  },
  VARVE_CHANGED_SOURCE: {
    meaning: 'A file or buffer changed while it was being stored; nothing of it was stored.',
    remedy: 'Await everything that writes to it before the step ends.',
    exit: 'failed',
  },
  VARVE_CORRUPT_ARTIFACT: {
    meaning: 'The bytes of a stored artifact are not what its digest says; nothing of them was used.',
    remedy: 'Run the task that made it again. The damaged object was moved to `quarantine/` in the store.',
    exit: 'setup',
  },
  VARVE_FILE_MISSING: {
    meaning: 'There is nothing at the path given to `artifact.file()` or `artifact.dir()` when the step ends.',
    remedy: 'Write it before the step ends, and keep it until then.',
    exit: 'failed',
  },
  VARVE_MISSING_ARTIFACT: {
    meaning: 'The bytes of an artifact are not in the store.',
    remedy: 'Check that this is the right store, or run the task that made the artifact again.',
    exit: 'setup',
  },
  VARVE_NOT_A_FILE: {
    meaning: '`artifact.file()` or `artifact.dir()` met something that is no regular file.',
    remedy:
      'Use `artifact.dir()` for a folder and `artifact.stream()` for a pipe; sockets and devices cannot be stored.',
    exit: 'failed',
  },
  VARVE_NOT_A_FOLDER: {
    meaning: '`artifact.dir()` was given a path that is no folder.',
    remedy: 'Use `artifact.file()` for a file.',
    exit: 'failed',
  },
  VARVE_NOT_A_STREAM: {
    meaning: '`artifact.stream()` was given no stream, or a stream of something else than bytes or text.',
    remedy: 'Give it an async iterable or a Readable of bytes or text; assign bytes in memory directly.',
    exit: 'failed',
  },
  VARVE_NOT_STORABLE: {
    meaning: 'A step assigned a value that cannot be stored; the message names where in it.',
    remedy: 'Store plain data instead, register the class with the serializer, or mark the field `@transient`.',
    exit: 'failed',
  },
  VARVE_NOT_STORED_YET: {
    meaning: 'The digest, size or content of a file artifact was read in the step that makes it.',
    remedy: 'Read it in a later step.',
    exit: 'failed',
  },
  VARVE_NO_SUCH_FILE: {
    meaning: 'A stored folder, or the code that a run has kept, has no file of that name.',
    remedy: 'Correct the path; it is relative to the folder, with `/`.',
    exit: 'failed',
  },
  VARVE_TOO_LARGE: {
    meaning: 'An artifact is larger than fits into memory at once.',
    remedy: 'Store it with `artifact.file()` or `artifact.stream()`; then a later step can read it piece by piece.',
    exit: 'failed',
  },
  VARVE_UNKNOWN_CODEC: {
    meaning: 'An artifact was stored in a form that the configured serializer does not read.',
    remedy: 'Add the serializer that wrote it to `varve.config.ts`: `readers: [theSerializer()]`.',
    exit: 'setup',
  },
  VARVE_UNKNOWN_HASHER: {
    meaning: 'A digest was made by a hasher that is not configured.',
    remedy: 'Add the hasher that named it to `varve.config.ts`: `readers: [theHasher()]`.',
    exit: 'setup',
  },
};
