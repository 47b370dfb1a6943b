import { startVitest } from 'vitest/node';
import { ROOT } from '../shell/root.mjs';
import { readVerdict } from './read-verdict.mjs';

/** Tests that run the kits on the implementations of the repository: those in use first. */
const FILES = [
  'packages/cli/test/conformance.test.ts',
  'packages/store-fs/test/conformance.test.ts',
  'packages/store-s3/test/conformance.test.ts',
  'packages/store-tiered/test/conformance.test.ts',
  'packages/store-gcs/test/conformance.test.ts',
  'packages/metadata-keyv/test/conformance.test.ts',
  'packages/serializer-superjson/test/conformance.test.ts',
  'packages/serializer-msgpack/test/conformance.test.ts',
  'packages/hasher-blake3/test/conformance.test.ts',
  'packages/metadata-sqlite/test/conformance.test.ts',
  'examples/custom-store/test/conformance.test.ts',
  'examples/custom-runner/test/conformance.test.ts',
  'packages/conformance/test/',
];

/** Runs every case on every implementation. Rejects when a case fails, or when a file runs none.
 * @returns {Promise<import('./read-verdict.mjs').Verdict[]>} In the order of the files and of the cases in them. */
export async function runKits() {
  /** @type {import('./read-verdict.mjs').Verdict[][]} */
  const found = FILES.map(() => []);
  /** @type {string[]} */
  const broken = [];
  /** @type {import('vitest/node').Reporter} */
  const collect = {
    onTestModuleEnd(module) {
      // A file that cannot be loaded has no tests that could fail.
      if (!module.ok()) broken.push(module.moduleId);
      const place = FILES.findIndex((file) => module.moduleId.replaceAll('\\', '/').includes(file));
      for (const test of module.children.allTests()) {
        const result = test.result();
        const note = result.state === 'skipped' ? result.note : undefined;
        const verdict = test.parent.type === 'suite' && readVerdict(test.parent.name, test.name, result.state, note);
        if (verdict) found[place]?.push(verdict);
      }
    },
  };
  const vitest = await startVitest('test', FILES, {
    root: ROOT,
    watch: false,
    reporters: [collect],
    // Some tests leave the cases that move many objects to CI.
    env: { CI: 'true' },
    testNamePattern: / keeps the \w+ contract /,
  });
  await vitest.close();
  const all = found.flat();
  const failed = all.filter(({ state }) => state === 'failed').map((one) => `${one.implementation}: ${one.case}`);
  if (failed.length + broken.length > 0) throw new Error([...broken, ...failed].join('\n'));
  const silent = FILES.filter((_, place) => found[place]?.length === 0);
  if (silent.length > 0) throw new Error(`no case ran in ${silent.join(', ')}`);
  return all;
}
