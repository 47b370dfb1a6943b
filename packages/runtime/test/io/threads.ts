import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MessageChannel, Worker } from 'node:worker_threads';
import { freshFolder } from '@varve/test-support';
import { build } from 'esbuild';
import type { BlobLink } from '../../src/io/blob-client.ts';

/** A fixture beside this file as a thread: Node 20 loads no TypeScript by itself. */
export async function startThread(
  fixture: string,
  workerData: object,
  ports: readonly MessageChannel['port1'][],
): Promise<Worker> {
  const outfile = join(freshFolder(), `${fixture}.mjs`);
  const entry = fileURLToPath(new URL(`./fixtures/${fixture}.ts`, import.meta.url));
  await build({ entryPoints: [entry], outfile, bundle: true, platform: 'node', format: 'esm', logLevel: 'error' });
  return new Worker(outfile, { workerData, transferList: [...ports] });
}

/** The two ends of a link. */
export function makeLink(): { readonly worker: BlobLink; readonly server: BlobLink } {
  const sync = new MessageChannel();
  const stream = new MessageChannel();
  const flag = new SharedArrayBuffer(4);
  return {
    worker: { sync: sync.port1, stream: stream.port1, flag },
    server: { sync: sync.port2, stream: stream.port2, flag },
  };
}

export function portsOf(link: BlobLink) {
  return [link.sync, link.stream];
}
