import { dirname, join } from 'node:path';
import { wallNow } from '@varve/core/internal';
import { readFileSync, statSync, utimesSync } from '../shared/originals.ts';
import { digestOf } from '../shared/tokens.ts';
import { changeOf, stampAt } from './files/stamp.ts';
import { writeWhole } from './files/write-whole.ts';
import type { FollowedModules, LoadedOptions } from './followed-modules.ts';
import { isAsProbed } from './packages/installed.ts';

/** What was followed last time, with what decided it. Field names are stored. */
interface Memo {
  readonly key: string;
  /** What the files have loaded with `require`, a path a line. */
  readonly required: readonly (readonly [file: string, children: string])[];
  readonly followed: FollowedModules;
}

/** Raised when the form changes, or files are followed differently. */
const FORMAT = 3;
const DAY_MS = 86_400_000;

/** Takes over what was followed last time, if every file, manifest and search is as it was: one look at each of them. */
export function recallFollowed(options: LoadedOptions): FollowedModules | undefined {
  const path = pathFor(options);
  const memo = path === undefined ? undefined : readMemo(path);
  if (memo?.key !== keyOf(options)) return undefined;
  const { stamps, probes } = memo.followed;
  const [now, then] = [new Map(options.scripts.required), new Map(memo.required)];
  const isSame =
    Object.keys(stamps).every((file) => (now.get(file) ?? []).join('\n') === (then.get(file) ?? '')) &&
    Object.entries(stamps).every(([file, stamp]) => stampAt(file) === stamp) &&
    isAsProbed(probes);
  if (!isSame || path === undefined) return undefined;
  touch(path);
  return memo.followed;
}

/** Marks a file as used, which keeps `pruneState` from deleting it: at most once a day. */
function touch(path: string): void {
  const now = wallNow();
  try {
    if (now - statSync(path).mtimeMs > DAY_MS) utimesSync(path, now / 1000, now / 1000);
  } catch {
    // It is made again when it was deleted.
  }
}

/** Keeps what was followed, unless a file may still change and keep its times. */
export function rememberFollowed(options: LoadedOptions, followed: FollowedModules): void {
  const path = pathFor(options);
  const stamps = Object.entries(followed.stamps);
  if (path === undefined || !stamps.every(([, stamp]) => options.files.isSettled(changeOf(stamp)))) return;
  const required = options.scripts.required
    .filter(([file]) => Object.hasOwn(followed.stamps, file))
    .map(([file, children]) => [file, children.join('\n')] as const);
  writeWhole(path, JSON.stringify({ key: keyOf(options), required, followed } satisfies Memo));
}

/** Beside the index of files, one for each flow. */
function pathFor({ files, externals }: LoadedOptions): string | undefined {
  if (files.path === undefined) return undefined;
  return join(dirname(files.path), `loaded-${digestOfJson(externals).slice(0, 16)}.json`);
}

function keyOf({ root, own, externals, scripts: { asked, imported } }: LoadedOptions): string {
  return digestOfJson([FORMAT, process.version, root, own, externals, asked, imported]);
}

function digestOfJson(value: unknown): string {
  return digestOf(JSON.stringify(value));
}

function readMemo(path: string): Memo | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Memo;
  } catch {
    return undefined;
  }
}
