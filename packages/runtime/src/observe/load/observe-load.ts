import { parse } from 'node:path';
import { type AmbientInputs, ambientInputs, Leftovers, observeState, type ThreadChange } from '@varve/core/internal';
import { LoadListener } from './load-listener.ts';
import type { LoadedScripts, Patched } from './loaded-scripts.ts';
import type { ModuleOptions } from './module-reads.ts';
import { ChangedState } from './state/changed-state.ts';
import { FunctionTexts } from './state/function-texts.ts';
import { Bridge } from './state/inner-values.ts';
import { Memos } from './state/memos.ts';
import { Variables } from './state/variables.ts';
import { TaskModules } from './task-modules.ts';

/** What loading a flow has done to its thread. */
export interface ObservedLoad {
  readonly patched: Patched;
  readonly scripts: LoadedScripts;
}

/** Notes that a file is read. */
type NoteFile = (inputs: AmbientInputs, path: string) => void;

let listener: LoadListener | undefined;

/** Begins to observe what this thread loads. Call it once, after all other observers: their patches are not the user's. */
export function installModules(options: ModuleOptions & { readonly noteFile: NoteFile }): void {
  if (listener) return;
  const variables = new Variables(options.root);
  const bridge = new Bridge();
  const changed = new ChangedState(variables, bridge, new Leftovers());
  listener = new LoadListener(new TaskModules(options, changed), { variables, bridge });
  listener.install();
  const memos = new Memos(variables);
  const texts = new FunctionTexts(parse(options.root).root, options.noteFile);
  texts.install();
  observeState(({ code, ...task }, inputs) => {
    if (task.memos) memos.begin(code.bundle, task.memos, inputs);
    texts.begin(code.bundle, inputs);
    changed.begin(code.bundle, task.variables, inputs);
  });
}

/** Loads a flow with `load`, in the scope of a load, and tells what that did. `undefined` in a thread that does not observe. */
export async function observeLoad<T>(load: () => Promise<T>): Promise<readonly [T, ObservedLoad | undefined]> {
  const inputs: AmbientInputs | undefined = ambientInputs();
  if (listener === undefined || inputs === undefined) return [await load(), undefined];
  listener.begin(inputs);
  const loaded = await load();
  return [loaded, listener.end(inputs)];
}

/**
 * False once a task has patched a built-in, or left other state of the process changed: this thread must not run tasks of
 * other steps then.
 */
export function isThreadIntact(): boolean {
  return listener?.isThreadIntact() ?? true;
}

/** Names what tasks have changed since the flow was loaded that other tasks may see. */
export function changesForOthers(): readonly string[] {
  return listener?.changesForOthers() ?? [];
}

/** Names what was changed since the last look that all code of this thread shares, see `LoadListener.lookAround`. */
export function lookAround(): readonly ThreadChange[] {
  return listener?.lookAround() ?? [];
}
