import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const servers = new URL('../../packages/test-servers/', import.meta.url);
const { build } = createRequire(new URL('package.json', servers))('esbuild');

/**
 * Starts a double of a service in a process of its own, so that its work does not count as that of its client.
 * @param {'s3' | 'gcs'} service
 * @param {object} options Those of the double.
 * @returns {Promise<{ url: string, stop: () => void, takeRequests: () => Promise<string[]> }>} `takeRequests` resolves with the
 *   operation and the object of each request since the last call.
 */
export async function startDouble(service, options) {
  const name = service === 's3' ? 'S3Double' : 'GcsServer';
  const file = fileURLToPath(new URL(`src/${service}/server.ts`, servers));
  const contents = `import { ${name} } from ${JSON.stringify(file)};
    const double = await ${name}.start(${JSON.stringify(options)});
    process.stdout.write(double.url + '\\n');
    process.on('message', () => process.send((double.requests ?? double.log).splice(0).map(({ operation, key, url }) =>
      operation + ' ' + (key || decodeURIComponent(/[?&]prefix=([^&]*)/.exec(url)?.[1] ?? url)))));
    process.on('disconnect', () => process.exit());`;
  const stdin = { contents, resolveDir: fileURLToPath(servers), loader: 'ts' };
  const { outputFiles } = await build({ stdin, bundle: true, write: false, format: 'esm', platform: 'node' });
  const child = spawn(process.execPath, ['--input-type=module', '-'], { stdio: ['pipe', 'pipe', 'inherit', 'ipc'] });
  child.stdin?.end(outputFiles[0].text);
  /** @returns {Promise<string[]>} */
  const takeRequests = () =>
    new Promise((resolve) => {
      child.once('message', (lines) => resolve(/** @type {string[]} */ (lines)));
      child.send('requests');
    });
  for await (const line of child.stdout ?? [])
    return { url: String(line).trim(), stop: () => child.disconnect(), takeRequests };
  throw new Error('the double ended before it listened');
}
