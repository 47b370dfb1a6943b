import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { expect, it } from 'vitest';

const SOURCE = fileURLToPath(new URL('../src/index.ts', import.meta.url));

it('importing the package, and opening a store, loads neither the SDK nor anything else but the contract and its kit', async () => {
  const { metafile } = await build({
    entryPoints: [SOURCE],
    bundle: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
    logLevel: 'silent',
  });
  const imports = Object.values(metafile.outputs).flatMap((output) => output.imports);
  const atOnce = imports.filter(({ kind, path }) => kind === 'import-statement' && !path.startsWith('node:'));
  expect([...new Set(atOnce.map(({ path }) => path))]).toEqual(['@varve/core/contract', '@varve/core/store-kit']);
  const later = imports.filter(({ kind }) => kind === 'dynamic-import').map(({ path }) => path);
  expect(later.sort()).toEqual(['@google-cloud/storage', 'https-proxy-agent']);
});

it('a process that has used a store ends by itself', async () => {
  const { outputFiles } = await build({
    stdin: {
      contents: `import { gcsStore } from ${JSON.stringify(SOURCE)};
        import { GcsServer } from '@varve/test-servers/gcs';
        const server = await GcsServer.start();
        const clock = { now: Date.now, sleep: async () => undefined };
        const options = { bucket: 'bucket', apiEndpoint: server.url };
        const store = await gcsStore(options).provides.datastore({ projectRoot: '.', clock });
        await store.put('a', { size: 1, bytes: Buffer.from('x'), async *open() { yield Buffer.from('x'); } });
        for await (const chunk of await store.get('a')) console.log(String.fromCharCode(...chunk));
        await store.close();
        await server.stop();`,
      resolveDir: fileURLToPath(new URL('.', import.meta.url)),
      loader: 'ts',
    },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    external: ['@google-cloud/storage', 'esbuild'],
    logLevel: 'silent',
  });
  const said = execFileSync(process.execPath, ['--input-type=module', '-'], {
    input: outputFiles[0]?.text ?? '',
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    encoding: 'utf8',
    timeout: 25_000,
  });
  expect(said).toBe('x\n');
});
