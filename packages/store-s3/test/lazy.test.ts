import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const BUILT = new URL('../dist/index.js', import.meta.url).href;
const SCRIPT = `
  const { Module } = await import('node:module');
  const { s3Store } = await import(${JSON.stringify(BUILT)});
  const plugin = s3Store({ bucket: 'varve', endpoint: 'http://127.0.0.1:9', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } });
  const store = plugin.provides.datastore({ clock: { now: () => 0, sleep: async () => {} } });
  const sdk = () => Object.keys(Module._cache).filter((path) => path.includes('@aws-sdk')).length;
  const before = sdk();
  await store.stat('a').catch(() => {});
  const env = Object.keys(process.env).filter((name) => name.startsWith('AWS_SDK'));
  console.log(JSON.stringify({ before, after: sdk(), env }));
`;

it('neither the package nor the opening of a store loads the SDK; the first call does', async () => {
  const cwd = fileURLToPath(new URL('..', import.meta.url));
  const { before, after } = JSON.parse((await runScript(cwd)).stdout);
  expect(before).toBe(0);
  expect(after).toBeGreaterThan(0);
});

it('the SDK prints nothing of its own, and the environment is what it was', async () => {
  const { stdout, stderr } = await runScript(fileURLToPath(new URL('..', import.meta.url)));
  expect(stderr).toBe('');
  expect(JSON.parse(stdout).env).toEqual([]);
});

function runScript(cwd: string): Promise<{ stdout: string; stderr: string }> {
  return promisify(execFile)(process.execPath, ['--input-type=module', '-e', SCRIPT], { cwd });
}
