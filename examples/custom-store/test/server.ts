import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Stored {
  readonly bytes: Buffer;
  readonly modifiedAt: number;
}

const objects = new Map<string, Stored>();
const PAGE = 1000;

/** Starts a server that keeps objects in memory; it ends with the process. Resolves with its address. */
export async function startServer(): Promise<string> {
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  server.unref();
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://server');
  const key = pathname.slice(1);
  if (key === '') return void response.end(JSON.stringify(list(searchParams)));
  if (request.method === 'PUT') return put(request, response, key);
  if (request.method === 'DELETE') {
    objects.delete(key);
    return void response.writeHead(204).end();
  }
  get(request, response, objects.get(key));
}

async function put(request: IncomingMessage, response: ServerResponse, key: string): Promise<void> {
  const chunks: Buffer[] = [];
  // Rejects when the client breaks off: then nothing is stored.
  for await (const chunk of request) chunks.push(chunk as Buffer);
  if (request.headers['if-none-match'] === '*' && objects.has(key)) return void response.writeHead(412).end();
  objects.set(key, { bytes: Buffer.concat(chunks), modifiedAt: Math.floor(Date.now() / 1000) * 1000 });
  response.writeHead(201).end();
}

function get(request: IncomingMessage, response: ServerResponse, stored: Stored | undefined): void {
  if (stored === undefined) return void response.writeHead(404).end();
  const [, start = '0', end] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
  const part = stored.bytes.subarray(Number(start), end === undefined ? undefined : Number(end) + 1);
  const headers = { 'content-length': part.length, 'last-modified': new Date(stored.modifiedAt).toUTCString() };
  response.writeHead(end === undefined ? 200 : 206, headers).end(request.method === 'HEAD' ? undefined : part);
}

function list(query: URLSearchParams): object[] {
  const [prefix, after] = [query.get('prefix') ?? '', query.get('after') ?? ''];
  const keys = [...objects.keys()].filter((key) => key.startsWith(prefix) && key > after).sort();
  return keys.slice(0, PAGE).map((key) => {
    const { bytes, modifiedAt } = objects.get(key) as Stored;
    return { key, size: bytes.length, modifiedAt };
  });
}
