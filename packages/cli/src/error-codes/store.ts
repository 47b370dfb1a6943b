import type { StoreErrorCode } from '@varve/core/contract';
import type { ErrorEntries, ErrorEntry } from './error-entry.ts';

/** Run history, and stores that cannot hold it. */
export const HISTORY: ErrorEntries = {
  VARVE_ASYNC_STORE: {
    meaning:
      'A field was read in the thread that holds the store, and this store answers only later: its plugin has no `getSync`.',
    remedy:
      "Run tasks in worker threads: `runner: 'threads'`, or `createVarve({ stack })` with the file of the stack. In code of your own read it with `await run.history.value(run.references.name)`.",
    exit: 'setup',
  },
  VARVE_CACHE_PARTLY: {
    meaning: 'The store failed in the middle of withdrawing or mending results: a part of it is done.',
    remedy: 'Do what the message says: the same command again does the rest, `--undo` takes a withdrawal back.',
    exit: 'setup',
  },
  VARVE_COPY_CONFLICT: {
    meaning:
      '`varve store copy` found other content under a name in the target, e.g. a run number that names another run there. Nothing was overwritten.',
    remedy:
      'Copy to a folder, bucket or prefix of its own: runs keep their numbers, so two histories of one flow cannot become one.',
    exit: 'setup',
  },
  VARVE_COPY_EMPTY: {
    meaning: 'The store that was to be copied holds no run and no result.',
    remedy: 'Check its name: a folder is that of the store itself, as `./.varve/store`, and a bucket needs its prefix.',
    exit: 'notFound',
  },
  VARVE_COPY_HELD_BACK: {
    meaning: 'A run was not copied, because a part of its journal is missing or damaged in the source.',
    remedy: 'Put the object that is named back from a backup and copy again, or remove the run with `varve runs rm`.',
  },
  VARVE_COPY_INCOMPLETE: {
    meaning: '`varve store copy` copied everything but what is listed below the message.',
    remedy: 'Do what is said beside each item, then copy again: what is there is not sent twice.',
    exit: 'failed',
  },
  VARVE_COPY_LOST: {
    meaning:
      '`varve store copy` was held up, as by a computer that slept, and `varve gc` in the target took it for dead: what was just copied may be gone.',
    remedy: 'Copy again: what is there still is not sent twice.',
    exit: 'failed',
  },
  VARVE_COPY_METADATA: {
    meaning: 'Runs are recorded by a metadata plugin and not by the store, so copying the store would lose them.',
    remedy: 'Copy the history with the tools of that service, or name a store that records its runs itself.',
    exit: 'setup',
  },
  VARVE_COPY_NESTED: {
    meaning: 'A store was to be copied to a folder or prefix inside of it, or to one that it lies in.',
    remedy: 'Choose a folder or prefix beside it, as `./backup` or `s3://bucket/backup`.',
    exit: 'usage',
  },
  VARVE_COPY_SAME: {
    meaning: 'A store was to be copied to itself.',
    remedy: 'Name two different stores.',
    exit: 'usage',
  },
  VARVE_COPY_TOO_LARGE: {
    meaning: 'An artifact is larger than the store takes into which it was to be copied.',
    remedy: 'Copy to a store that takes objects of this size.',
  },
  VARVE_CORRUPT_JOURNAL: {
    meaning: 'A record of a run is damaged; nothing of it was used.',
    remedy: 'Put the object that is named back from a backup, or run the flow again.',
    exit: 'setup',
  },
  VARVE_CORRUPT_PAGE: {
    meaning: 'A page of results is damaged; nothing of it was used, and the steps concerned are executed again.',
    remedy: 'Remove it with `varve cache verify --repair`.',
    exit: 'setup',
  },
  VARVE_DATABASE_DAMAGED: {
    meaning: 'A SQLite file is damaged, or it is no database any more; nothing of it was used.',
    remedy:
      'An index is a copy: `varve index --rebuild` makes it anew, and no run is lost. Put a history of runs, `metadata`, back from a backup.',
    exit: 'setup',
  },
  VARVE_DATABASE_FOREIGN: {
    meaning:
      'A SQLite file that the config names belongs to another program, or is for something else; it was left as it is.',
    remedy: 'Name another file or folder in `varve.config.ts`: history and index each have their own.',
    exit: 'setup',
  },
  VARVE_FORMAT_VERSION: {
    meaning: 'A record was written in a format that this varve does not read.',
    remedy: 'Use the version of varve that wrote it, or a later one.',
    exit: 'setup',
  },
  VARVE_GC_BUSY: {
    meaning: 'Another `varve gc` is at work in the same store.',
    remedy: 'Wait for its end. When it was killed, its place is free again after a minute.',
    exit: 'setup',
  },
  VARVE_GC_LIVE: {
    meaning: 'Nothing was deleted, because runs are going on in the store.',
    remedy: 'Run `varve gc` when they have ended. A run that was killed counts as going on for 20 seconds.',
    exit: 'setup',
  },
  VARVE_GC_LOST: {
    meaning: '`varve gc` was held up, e.g. by a computer that slept, for so long that runs may have started meanwhile.',
    remedy: 'Run it again; what it has not deleted is whole.',
    exit: 'setup',
  },
  VARVE_GC_STRANGER: {
    meaning: 'A run left bytes in the store, and its history is kept somewhere that was not looked into.',
    remedy:
      'Run `varve gc` with the configuration that the run had: its `metadata` plugin knows what the run refers to.',
  },
  VARVE_GC_NO_RECORD: {
    meaning:
      'There are journals of runs whose records are not listed, so nobody knows what is needed: records have been lost, or something between varve and the store hides them.',
    remedy:
      'Run `varve doctor`, then `varve gc` again. Put lost records back from a backup, or delete the `live` object of a run that is not to be kept.',
    exit: 'setup',
  },
  VARVE_GC_UNREADABLE: {
    meaning: 'A journal, a record or a page of results cannot be read, so nobody knows what it refers to.',
    remedy: 'Put the object back from a backup, or remove it or its run; until then `varve gc` removes runs only.',
    exit: 'setup',
  },
  VARVE_NO_INDEX: {
    meaning: '`varve index` was called, and no index of the runs is configured.',
    remedy:
      'Install `@varve/metadata-sqlite` and set `index: sqliteIndex()` in `varve.config.ts`. With a `metadata` plugin there is none.',
    exit: 'setup',
  },
  VARVE_NO_SQLITE: {
    meaning: 'This Node has no SQLite, and the package `libsql`, which brings one, is not installed.',
    remedy: 'Use Node 22.13 or newer, or install `libsql` in the project.',
    exit: 'setup',
  },
  VARVE_METADATA_UNSUITABLE: {
    meaning: 'The metadata plugin cannot remove runs.',
    remedy: 'Ask its author for `removeRun`, or remove runs with the tools of that service.',
    exit: 'setup',
  },
  VARVE_RUN_PINNED: {
    meaning: 'A run was to be removed although it is pinned.',
    remedy: 'Take the pin away with `varve unpin`, or remove it all the same with `--force`.',
    exit: 'usage',
  },
  VARVE_LOOKUP_TIMEOUT: {
    meaning: 'The store did not say in time which results of a step there are, so the step is executed.',
    remedy: 'Check the network and the service; the run itself goes on.',
  },
  VARVE_STORE_UNSUITABLE: {
    meaning: 'The store cannot create an object only if it is absent, so two runs could overwrite each other.',
    remedy: 'Choose a store whose capabilities say `conditionalPut: true`.',
    exit: 'setup',
  },
};

/** Errors of a store, shown to users as `VARVE_STORE_…`. */
export const STORE_ANSWERS: Readonly<Record<StoreErrorCode, ErrorEntry>> = {
  'not-found': {
    meaning: 'The store has no such object.',
    remedy: 'Check that this is the right store and that nothing removes objects from it.',
    exit: 'setup',
  },
  'already-exists': {
    meaning: 'An object that was to be created exists already.',
    remedy: 'Try again; when it stays, another program writes to the same place.',
    exit: 'setup',
  },
  'permission-denied': {
    meaning: 'The store refused access.',
    remedy: 'Check the credentials, and the rights of this user on the folder or bucket.',
    exit: 'setup',
  },
  'no-space': {
    meaning: 'The store is full, or a quota is used up.',
    remedy: 'Free space where the store lies; what was announced as finished is stored.',
    exit: 'setup',
  },
  'too-large': {
    meaning: 'An object is larger than the store takes.',
    remedy: 'Split the artifact, or choose a store with a higher limit.',
    exit: 'setup',
  },
  unavailable: {
    meaning:
      'The store did not answer, although it was asked several times, or there is no such place, e.g. no such bucket.',
    remedy:
      'Do what the message says; where it names no setting, check the network and the service. Then resume the run.',
    exit: 'setup',
  },
  corrupt: {
    meaning: 'The store has, or was handed, other bytes than it should.',
    remedy: 'Check the disk or the service that holds the object, and what changes files while they are stored.',
    exit: 'setup',
  },
  unsupported: {
    meaning: 'The store was asked for something it cannot do.',
    remedy: 'Choose another store; when it says it can, tell the author of its plugin.',
    exit: 'setup',
  },
  unexpected: {
    meaning: 'The store failed in a way it has no name for.',
    remedy: 'Run again with `--debug` to see what it met.',
    exit: 'setup',
  },
};

/** Code shown to users for an error of a store: `no-space` becomes `VARVE_STORE_NO_SPACE`. */
export function shownStoreCode(code: string): `VARVE_STORE_${string}` {
  return `VARVE_STORE_${code.toUpperCase().replaceAll('-', '_')}`;
}
