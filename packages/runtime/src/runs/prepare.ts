import { existsSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { CodeLocation, Compilation, GivenSources } from '@varve/core/contract';
import type { FlowDescription } from '@varve/core/internal';

import type { Composition } from '../compose/compose.ts';
import { findStack } from '../compose/find-stack.ts';
import { placeBundle, type Setup, type SetupOptions } from '../compose/setup.ts';
import { type Engine, type EngineOptions, startEngine } from '../workers/engine.ts';

/** A flow that is compiled, loaded and described, and the engine that can run it. */
export interface Preparation {
  readonly stack: Composition;
  readonly setup: Setup;
  readonly compilation: Compilation;
  readonly code: CodeLocation;
  readonly description: FlowDescription;
  readonly engine: Engine;
  /** Not the files on disk were compiled, but others: what changes there is of no concern. */
  readonly isGiven: boolean;
  /** Warnings to show before the run. */
  readonly warnings: readonly string[];
  /** Ends the engine, and the stack if it was found for this flow. */
  close(): Promise<void>;
}

export interface PrepareOptions extends SetupOptions, EngineOptions {}

/** `flow.ts`, or `flow.ts#Name` when the file holds several flows. */
export interface Target {
  readonly file: string;
  readonly flow?: string;
  /** Compiled in the place of the files on disk. */
  readonly sources?: GivenSources;
  /** Digest of what these were compiled to when they were kept. */
  readonly bundle?: string;
}

/** Prepares a flow over the config found from its folder upward. Closing it closes the stack, too. */
export async function prepareAt(defaults: string, target: Target, options: PrepareOptions): Promise<Preparation> {
  const file = resolve(target.file);
  const from = existsSync(file) && statSync(file).isDirectory() ? file : dirname(file);
  const stack = await findStack(defaults, { from, ...options });
  try {
    const prepared = await prepare(stack, target, options);
    const close = async () => {
      try {
        await prepared.close();
      } finally {
        await stack.close();
      }
    };
    return { ...prepared, close };
  } catch (error) {
    await stack.close().catch(() => {});
    throw error;
  }
}

/** Compiles the file, starts the threads, and asks the flow for its description. Close the engine when done. */
export async function prepare(stack: Composition, target: Target, options: EngineOptions): Promise<Preparation> {
  const { setup } = stack.source;
  // The threads start while the file is compiled.
  const engine = await startEngine(stack, options);
  try {
    const compilation = await stack.use('loader', (loader) => loader.compile(resolve(target.file), target.sources));
    const bundle = placeBundle(setup.stateDir, 'flow', compilation);
    const described = await engine.flow.describe({
      bundle,
      file: target.file,
      ...(target.flow !== undefined && { flow: target.flow }),
    });
    const description = { ...described, findings: [...described.findings, ...engine.setDescription(described)] };
    return {
      stack,
      setup,
      compilation,
      code: { bundle, digest: compilation.digest, flow: description.name },
      description,
      engine,
      isGiven: target.sources !== undefined,
      warnings: isOther(target, compilation) ? [OTHER_CODE] : [],
      close: () => engine.close(),
    };
  } catch (error) {
    await engine.close().catch(() => {});
    throw error;
  }
}

/** Not everything that decides on compiled code is kept: options of nested `tsconfig.json`s and `type`s of packages are not. */
const OTHER_CODE =
  'the stored code compiles to something else here than it did then: a tsconfig.json or a "type" in a package.json below the project, the place of the project or its packages, or the compiler is another';

function isOther({ bundle }: Target, { digest }: Compilation): boolean {
  return bundle !== undefined && bundle !== digest;
}
