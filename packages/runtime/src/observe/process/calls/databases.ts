import querystring from 'node:querystring';
import { ambientInputs } from '@varve/core/internal';
import { disguiseText, watchMethod } from '../../shared/disguise.ts';
import { statNow } from '../../shared/originals.ts';
import { type NoteFile, noteCall } from './note-call.ts';
import { loadQuietly, type QuietModule } from './quiet-modules.ts';

type Class = new (...args: unknown[]) => object;
/** Files of databases, by the database and by each object that it has made. */
type Files = WeakMap<object, string | URL>;

/** Methods of a database that look at its file. */
const USES = ['open', 'createSession', 'applyChangeset', 'serialize', 'location'];
/** Those that run SQL, or make something that does. */
const MAKES = ['exec', 'prepare', 'createTagStore'];
const RUNS = ['get', 'all', 'iterate', 'run'];

/**
 * Observes `node:sqlite`, where there is one: Node's native side reads the file. A task that changes its database has changed
 * what it has read, so that its result is not used again.
 */
export function installDatabases(noteFile: NoteFile): void {
  const loaded = loadQuietly('node:sqlite');
  if (loaded === undefined) return;
  const { DatabaseSync, StatementSync } = loaded.module as Record<string, Class>;
  if (DatabaseSync === undefined || StatementSync === undefined) return;
  const files: Files = new WeakMap();
  const use = (owner: unknown) => {
    const file = files.get(owner as object);
    if (file !== undefined) noteDatabase(file, noteFile);
    return file;
  };
  watchClass(loaded, DatabaseSync, files, noteFile);
  for (const key of USES) watchMethod(DatabaseSync.prototype, key, (_, __, self) => use(self));
  watchRuns(StatementSync.prototype as object, use);
  for (const key of MAKES) {
    watchMethod(DatabaseSync.prototype, key, (_, [sql], self) => {
      noteAttaching(sql);
      const file = use(self);
      return (made: unknown) => {
        if (typeof made !== 'object' || made === null) return;
        if (file !== undefined) files.set(made, file);
        if (key === 'createTagStore') watchRuns(Object.getPrototypeOf(made) as object, use);
      };
    });
  }
  watchMethod(loaded.module, 'backup', (wrapper) => noteCall('sqlite.backup', wrapper));
}

/** Prototypes whose methods are watched. Node shows that of its tag stores only when there is one. */
const watched = new WeakSet<object>();

function watchRuns(prototype: object, use: (owner: unknown) => unknown): void {
  if (watched.has(prototype)) return;
  watched.add(prototype);
  for (const key of RUNS) {
    watchMethod(prototype, key, (_, [texts], self) => {
      if (Array.isArray(texts)) noteAttaching(texts.join('?'));
      use(self);
    });
  }
}

function watchClass(
  { module: sqlite, announce }: QuietModule,
  Original: Class,
  files: Files,
  noteFile: NoteFile,
): void {
  const observed: Class = new Proxy(Original, {
    construct(target, args, newTarget) {
      announce();
      const file = fileOf(args[0]);
      if (file !== undefined) noteDatabase(file, noteFile);
      const made = Reflect.construct(target, args, newTarget === observed ? target : newTarget) as object;
      if (file !== undefined) files.set(made, file);
      return made;
    },
  });
  Object.defineProperty(Original.prototype, 'constructor', { value: observed, writable: true, configurable: true });
  const descriptor = Object.getOwnPropertyDescriptor(sqlite, 'DatabaseSync');
  Object.defineProperty(sqlite, 'DatabaseSync', { ...descriptor, value: disguiseText(observed, Original) });
}

/** `undefined` for a database in memory, and for what is no name of a file. */
function fileOf(argument: unknown): string | URL | undefined {
  if (argument instanceof URL) return argument;
  const text = argument instanceof Uint8Array ? Buffer.from(argument).toString() : argument;
  if (typeof text !== 'string') return undefined;
  if (text.startsWith('file:/')) return new URL(text);
  // Unlike other URLs, `file:data.db?mode=ro` is relative to the working directory.
  const path = text.startsWith('file:')
    ? querystring.unescape(text.slice('file:'.length).replace(/[?#].*$/s, ''))
    : text;
  return path === '' || path === ':memory:' ? undefined : path;
}

/** Counts the file as read, and what was written to it last, which lies beside it. */
function noteDatabase(file: string | URL, noteFile: NoteFile): void {
  const inputs = ambientInputs();
  if (inputs === undefined) return;
  if (statNow(file) === undefined) inputs.refuse('it makes a database');
  noteFile(inputs, file);
  const log = file instanceof URL ? new URL(`${file.href.replace(/[?#].*$/, '')}-wal`) : `${file}-wal`;
  noteFile(inputs, log);
}

const QUOTED = /'[^']*'|"[^"]*"|--[^\n]*|\/\*.*?\*\//gs;

/** SQL may name other databases, to read them or to make them, also in a database in memory. */
function noteAttaching(sql: unknown): void {
  const inputs = typeof sql === 'string' ? ambientInputs() : undefined;
  if (inputs && /(?:^|;)\s*(?:attach|vacuum)\b/i.test(String(sql).replace(QUOTED, ' ')))
    inputs.refuse('it uses a database that only its SQL names');
}
