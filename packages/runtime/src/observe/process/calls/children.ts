import { subscribe } from 'node:diagnostics_channel';
import { basename, resolve } from 'node:path';
import { type AmbientInputs, ambientInputs, unobserved } from '@varve/core/internal';
import { findEntry } from '../../asking/asker.ts';
import { type AnyFunction, watchMethod } from '../../shared/disguise.ts';
import type { NamedPath } from '../../shared/named-path.ts';
import { readFileSync, statNow } from '../../shared/originals.ts';
import { openBinding, prototypeOf, watchNative } from './bindings.ts';
import { type Command, type CommandNames, commandOf, namesInCommand, pathsInText } from './command-files.ts';
import { noteCall, noteCallOf } from './note-call.ts';
import { readSent } from './shell/read-sent.ts';
import { SENT_MAX } from './shell/sent.ts';

/**
 * Notes that a command starts which names these paths. `base`: the folder it is started in. Returns a function to call when
 * the command has ended.
 */
export type NoteCommand = (
  inputs: AmbientInputs,
  paths: readonly NamedPath[],
  base: string,
) => (() => void) | undefined;

/** Notes variables that a command names, or all. */
export interface NoteVariables {
  noteNamed(inputs: AmbientInputs, name: string): void;
  noteAll(inputs: AmbientInputs): void;
}

interface Notes {
  readonly command: NoteCommand;
  readonly variables: NoteVariables;
}

const { cwd } = process;

/** Observes other processes and threads, and native addons. Files that a command names count as read or written by it. */
export function installChildren(command: NoteCommand, variables: NoteVariables): void {
  const note = (wrapper: AnyFunction, args: readonly unknown[]) => noteSpawn(wrapper, args, { command, variables });
  watchNative(prototypeOf(openBinding('process_wrap'), 'Process'), 'spawn', (wrapper, args, handle) => {
    const onEnd = note(wrapper, args);
    return onEnd && ((result: unknown) => (result === 0 ? callAtExit(handle as Handle, onEnd) : onEnd()));
  });
  watchNative(openBinding('spawn_sync'), 'spawn', note);
  const onThread = () => noteCall('Worker', onThread);
  subscribe('worker_threads', onThread);
  watchMethod(process, 'dlopen', (wrapper) => noteCall('process.dlopen', wrapper));
}

/** A process on Node's native side. */
interface Handle {
  onexit?: AnyFunction;
}

/** Calls `onEnd` when the process has ended, before anybody else learns of it. */
function callAtExit(handle: Handle, onEnd: () => void): void {
  const { onexit } = handle;
  if (typeof onexit !== 'function') return;
  handle.onexit = function (this: unknown, ...args: unknown[]) {
    onEnd();
    return Reflect.apply(onexit, this, args);
  };
}

function noteSpawn(wrapper: AnyFunction, args: readonly unknown[], notes: Notes): (() => void) | undefined {
  const inputs = ambientInputs();
  if (inputs === undefined) return undefined;
  const entry = findEntry(wrapper, 'node:child_process') ?? 'spawn';
  noteCallOf(inputs, `child_process.${entry}`, wrapper);
  const command = commandOf(args);
  if (command === undefined) {
    inputs.refuse(`this version of Node does not show which command ${entry} starts`);
    return undefined;
  }
  const { sent, onEnd } = noteNames(inputs, command, notes);
  if (sent === undefined) return onEnd;
  // What is sent later counts before the command can read it.
  const ends = [onEnd];
  const endSent = readSent(args, (input, size) => {
    if (size > SENT_MAX) refuseLong(inputs, command);
    else ends.push(noteNames(inputs, { ...command, input }, notes).onEnd);
  });
  return () => {
    endSent();
    for (const end of ends) end?.();
  };
}

type Noted = Pick<CommandNames, 'sent'> & { readonly onEnd: (() => void) | undefined };

function noteNames(inputs: AmbientInputs, command: Command, notes: Notes): Noted {
  const base = resolve(cwd(), command.cwd ?? '.');
  const { paths, variables, isAll, sent } = namesInCommand(command, base);
  if (sent !== undefined && (command.input?.length ?? 0) > SENT_MAX) refuseLong(inputs, command);
  // A value that the step has made itself is none of the environment.
  for (const [name, value] of variables)
    if (unobserved(() => process.env[name]) === value) notes.variables.noteNamed(inputs, name);
  if (isAll) notes.variables.noteAll(inputs);
  const all = [...paths, ...paths.flatMap((one) => pathsInList(one, base))];
  return { sent, onEnd: notes.command(inputs, all, base) };
}

function refuseLong(inputs: AmbientInputs, { file }: Command): void {
  inputs.refuse(`it sends ${basename(file)} more than ${SENT_MAX / 1024} kB, in which files may be named`);
}

/** Bytes up to which a file of arguments is read. */
const LIST_MAX = 1024 * 1024;

/** The paths in the file that `@args.txt` names, which stands for the arguments in it. */
function pathsInList({ path, meaning }: NamedPath, base: string): NamedPath[] {
  const stats = meaning === 'list' ? statNow(path) : undefined;
  if (stats?.isFile() !== true || stats.size > LIST_MAX) return [];
  try {
    return pathsInText(readFileSync(path, 'utf8'), base);
  } catch {
    return [];
  }
}
