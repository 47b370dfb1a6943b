import type { ProjectCheck } from '../config.ts';
import { type Diagnosis, problemOf, skipped } from '../diagnosis.ts';
import { checkCompiler } from './compile.ts';
import { judgeOtherRunners, judgeVitest, usesVitest } from './judge.ts';
import { withProbe } from './probe.ts';
import { readTestFacts } from './runners.ts';
import { askVitest } from './vitest.ts';

const NO_FOLDER =
  'Not tried, as the folder for temporary files cannot be written: see the check of the disk. Set TMPDIR to another folder.';

function isOfFolder(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return typeof code === 'string' && /^(?:ENOENT|ENOTDIR|EACCES|EPERM|EROFS|ENOSPC|EDQUOT)$/.test(code);
}

/** Checks that decorators are compiled, by varve and by the test runners of the project. Rejects never. */
export async function checkDecorators({ stack, projectRoot }: ProjectCheck): Promise<Diagnosis[]> {
  const facts = readTestFacts(projectRoot);
  try {
    const tried = await withProbe(projectRoot, async (probe) => [
      stack === undefined
        ? skipped('decorators', 'Not tried, as the config cannot be used.')
        : await checkCompiler(stack, probe),
      ...(usesVitest(facts) ? [judgeVitest(await askVitest(projectRoot, probe))] : []),
    ]);
    return [...tried, ...judgeOtherRunners(facts)];
  } catch (error) {
    return [
      isOfFolder(error) ? skipped('decorators', NO_FOLDER) : problemOf('decorators', error),
      ...judgeOtherRunners(facts),
    ];
  }
}
