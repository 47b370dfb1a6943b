import { readdirSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { expectCode, Project } from '../support/project.ts';

/** A flow with legacy decorators, compiled. */
const FLOW = `
import { Flow, step } from 'varve';
export class Sum extends Flow {
  list = [1, 2];
  load() { this.raw = [0]; }
  each(n) { console.log('each', n); this.part = n + this.raw.length; }
  end(tasks) { this.sum = tasks.reduce((sum, task) => sum + task.part, 0); }
}
const decorate = (options, name) => step(options)(Sum.prototype, name, Object.getOwnPropertyDescriptor(Sum.prototype, name));
decorate({}, 'load');
decorate({ after: 'load', foreach: 'list' }, 'each');
decorate({ join: 'each' }, 'end');
`;

/** Prints the URL of every module that is loaded. */
const WATCH = `
import { register } from 'node:module';
const hooks = "export async function load(url, context, next) { process._rawDebug('loaded ' + url); return next(url, context); }";
register('data:text/javascript,' + encodeURIComponent(hooks));
`;

const TESTS = `
import { deepStrictEqual, rejects, strictEqual } from 'node:assert';
import { mock, test } from 'node:test';
import { logOf, runStep, testFlow } from 'varve/testing';
import { Sum } from './sum.mjs';

test('runs', async () => {
  const run = await testFlow(Sum, { stub: { load() { this.raw = [1, 2, 3]; } } });
  deepStrictEqual([run.status, run.artifacts.sum], ['succeeded', 9]);
  deepStrictEqual((await run.task('each[1]').log()).map((line) => line.text), ['each 2']);
});
test('runs a step', async () => {
  const after = await runStep(Sum, 'each', { raw: [] }, { element: 5 });
  deepStrictEqual([after.part, logOf(after)[0].text], [5, 'each 5']);
});
test('rejects', () => rejects(runStep(Sum, 'each'), TypeError));
test('with timers that stand still', async () => {
  mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'setImmediate', 'Date'], now: 5 });
  strictEqual((await testFlow(Sum)).record.createdAt, 5);
  mock.timers.reset();
});
test('fails what floats', async () => {
  const load = () => new Promise((resolve) => { Promise.reject(new Error('floating')); setTimeout(resolve, 1); });
  strictEqual((await testFlow(Sum, { stub: { load } })).error.message, 'floating');
});
`;

it('varve/testing works in node:test, lets the process exit, leaves no file, and loads neither compiler nor command line', async () => {
  const project = new Project({ 'sum.mjs': FLOW, 'watch.mjs': WATCH, 'sum.test.mjs': TESTS, 'tmp/.keep': '' });
  const before = readdirSync(project.root, { recursive: true });
  const watch = pathToFileURL(project.path('watch.mjs')).href;
  const env = { NODE_OPTIONS: `--import ${watch}`, TMPDIR: project.path('tmp') };
  const { stdout, stderr } = expectCode(await project.node('sum.test.mjs', env), 0);
  expect(stdout).toContain('pass 5');
  expect(readdirSync(project.root, { recursive: true })).toEqual(before);
  const loaded = stderr.split('\n').filter((line) => line.startsWith('loaded '));
  expect(loaded.some((url) => url.includes('serializer-exact'))).toBe(true);
  expect(loaded.filter((url) => /esbuild|oxc|commander|tsyringe|loader\/|fingerprint|store-fs/.test(url))).toEqual([]);
});
