import { tmpdir } from 'node:os';
import { EXIT } from '../../exit-codes.ts';
import { painter } from '../../print/format.ts';
import { print, printJson, withStdoutOnStderr } from '../../print/stdout.ts';
import { NODE_RANGE } from '../../version.ts';
import { abortOnInterrupt } from '../interrupt.ts';
import type { CommonOptions } from '../options.ts';
import { checkConfig, type ProjectCheck } from './config.ts';
import { checkDecorators } from './decorators/check.ts';
import { type Diagnosis, skipped } from './diagnosis.ts';
import { checkDisks } from './disk-space.ts';
import { checkHistory } from './history.ts';
import { missingFolders, removeUnused } from './new-folders.ts';
import { judgeNode } from './node-version.ts';
import { checkPackage } from './package-file.ts';
import { withoutSecrets } from './redact.ts';
import { renderDiagnosis, renderSummary } from './render.ts';
import { checkStoreOf, type StoreCheck } from './store/check.ts';

/** `varve doctor`: checks what varve stands on. Exit code 4 when there is a problem; warnings do not count. */
export async function doctor(options: CommonOptions): Promise<number> {
  const report = new Report(options.json === true);
  report.add(judgeNode(process.versions.node, NODE_RANGE));
  // What a config prints while it is loaded is no part of the report.
  const project = await withStdoutOnStderr(() => checkConfig(options));
  const stop = abortOnInterrupt();
  // What is looked at stays as it was.
  const made = [...missingFolders([project.stateDir])];
  try {
    report.add(project.diagnosis, ...checkPackage(project.projectRoot));
    report.add(...(await checkDecorators(project)));
    const store = await checkStoreIn(project, stop.signal);
    made.unshift(...store.made);
    report.add(...store.diagnoses);
    if (stop.signal.aborted) {
      process.stderr.write(
        'Stopped. What the check had written to the store was deleted as far as that was possible.\n',
      );
      return EXIT.interrupted;
    }
    report.add(...(await checkHistory(project.stack)));
    report.add(...(await checkDisks(placesOf(project, store))));
  } finally {
    stop.end();
    await project.stack?.close().catch(() => {});
    removeUnused(made);
  }
  return report.end(project.projectRoot);
}

function checkStoreIn({ stack }: ProjectCheck, signal: AbortSignal): StoreCheck | Promise<StoreCheck> {
  if (stack !== undefined) return checkStoreOf(stack, signal);
  return {
    diagnoses: [skipped('store', 'Not tried, as the config cannot be used.')],
    folders: [],
    made: [],
    isReadOnly: false,
  };
}

function placesOf({ stateDir }: ProjectCheck, { folders, isReadOnly }: StoreCheck) {
  return [
    // What may only be read needs no space.
    ...(isReadOnly ? [] : folders).map((folder) => ({ what: 'the store', folder })),
    { what: "varve's own files", folder: stateDir },
    { what: 'temporary files', folder: tmpdir(), isExpected: true },
  ];
}

/** Shows each diagnosis as it comes, or all of them at the end as one JSON document, without secrets. */
class Report {
  readonly #all: Diagnosis[] = [];
  readonly #paint = painter(process.stdout);

  constructor(private readonly isJson: boolean) {}

  add(...diagnoses: readonly Diagnosis[]): void {
    for (const diagnosis of diagnoses) {
      const safe = withoutSecrets(diagnosis, process.env);
      this.#all.push(safe);
      if (!this.isJson) print(renderDiagnosis(safe, this.#paint).join('\n'));
    }
  }

  /** Returns the exit code. */
  end(project: string): number {
    const isWell = this.#all.every(({ status }) => status !== 'problem');
    if (this.isJson) printJson({ ok: isWell, project, checks: this.#all });
    else print(`\n${renderSummary(this.#all, this.#paint)}`);
    return isWell ? EXIT.ok : EXIT.setup;
  }
}
