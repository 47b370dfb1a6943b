import { realpathSync } from 'node:fs';
import { relative, resolve, sep } from 'node:path';
import type { History } from '@varve/client';
import { type RunRecord, VarveError } from '@varve/core/contract';
import { type CodeFile, type CodeManifest, decodeCode, joinBytes, type SourcePackage } from '@varve/core/internal';
import type { Setup } from '../compose/setup.ts';
import type { Preparation, Target } from './prepare.ts';

/** Relative to the project, with `/`; of a workspace package beside it, it begins with `../`. */
export function projectPath(setup: Pick<Setup, 'projectRoot'>, path: string): string {
  return relative(realpathSync(setup.projectRoot), path).split(sep).join('/');
}

/** The local code of a flow, as a run keeps it. */
export function sourcePackage({ setup, compilation }: Pick<Preparation, 'setup' | 'compilation'>): SourcePackage {
  const { entry, emit, modules } = compilation.graph;
  const files = modules.map(({ path, contents, imports }) => ({
    path: projectPath(setup, path),
    contents,
    imports: imports.flatMap(({ kind, specifier, target }) =>
      target.type === 'module' ? [[kind, specifier, projectPath(setup, target.path)] as const] : [],
    ),
  }));
  return { entry: projectPath(setup, entry), emit, files };
}

/** The list of the local source files that a run has kept. Throws `VARVE_NO_CODE`. */
export async function readCode(history: Pick<History, 'content'>, run: RunRecord): Promise<CodeManifest> {
  if (run.code) return decodeCode(await read(history, run.code));
  throw new VarveError('VARVE_NO_CODE', `${run.flow}/${run.number} has kept no code`, {
    hint: 'It was not started by a varve that keeps the code of its runs.',
  });
}

/** Reads the files of a list: those that the list holds itself come from there. */
export function withTexts(history: Pick<History, 'content'>, files: readonly CodeFile[]): Pick<History, 'content'> {
  const texts = new Map(files.flatMap(({ digest, text }) => (text === undefined ? [] : [[digest, text] as const])));
  const fromList = async function* (text: string) {
    yield Buffer.from(text, 'utf8');
  };
  return {
    content: (file) => {
      const text = texts.get(file.digest);
      return text === undefined ? history.content(file) : fromList(text);
    },
  };
}

/** A flow as a run has kept it, where the project is now. Throws `VARVE_NO_CODE`. */
export async function storedTarget(
  history: Pick<History, 'content'>,
  run: RunRecord,
  { projectRoot }: Pick<Setup, 'projectRoot'>,
): Promise<Target> {
  const code = await readCode(history, run);
  const root = realpathSync(projectRoot);
  const at = (path: string) => resolve(root, path);
  const sources = withTexts(history, code.files);
  const contents = code.files.map(async (file) => [at(file.path), await read(sources, file)] as const);
  const imports = code.files.flatMap((file) =>
    file.imports.map(([kind, specifier, path]) => ({ importer: at(file.path), kind, specifier, path: at(path) })),
  );
  const stored = { files: new Map(await Promise.all(contents)), imports, emit: code.emit };
  return {
    file: at(code.entry),
    flow: run.flow,
    sources: stored,
    ...(run.bundle !== undefined && { bundle: run.bundle }),
  };
}

async function read(history: Pick<History, 'content'>, of: Parameters<History['content']>[0]): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of history.content(of)) chunks.push(chunk);
  return joinBytes(chunks);
}
