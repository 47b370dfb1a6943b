import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault, Reply } from './faults.ts';
import { send } from './pace.ts';

/** Ms that a double keeps an idle connection: a shorter time than the client's would be a fault that no test has ordered. */
export const IDLE_MS = 600_000;

/** What a service does with one request. */
export interface Handler {
  /** The answer of the service, once it has acted. `lie`: it answers alike, but nothing is changed. */
  act(request: Buffer, lie: boolean): Reply;
  /** A refusal, as the service words it. */
  refuse(status: number, reason: string | undefined): Reply;
  /** Flips a bit of what is to be stored. Default: in the middle of the request's body. */
  damage?(request: Buffer): void;
}

/** How far away a double seems to be. */
export interface Distance {
  /** Ms by which every request is handled late. */
  readonly latencyMs?: number | undefined;
  /** Bytes a ms that an answer is sent at. */
  readonly pace?: number | undefined;
}

/**
 * Handles one request under a fault, and sends what is left of the answer. Resolves to the status that was meant for the
 * client, 0 for none. Rejects when the client leaves in the middle of its request.
 */
export async function exchange(
  request: IncomingMessage,
  response: ServerResponse,
  fault: Fault | undefined,
  handler: Handler,
  { latencyMs = 0, pace }: Distance = {},
): Promise<number> {
  if (fault?.kind === 'drop') return end(request, fault.by ?? 'rst');
  const [body] = await Promise.all([readAll(request), latencyMs > 0 && sleep(latencyMs)]);
  if (fault?.kind === 'die' && fault.when === 'before') {
    fault.kill();
    return end(request, 'rst');
  }
  if (fault?.kind === 'delay') await sleep(fault.ms);
  const reply = replyUnder(fault, body, handler);
  if (fault?.kind === 'die') {
    fault.kill();
    return end(request, 'rst');
  }
  await deliver(request, response, reply, fault, pace);
  return reply.status;
}

function replyUnder(fault: Fault | undefined, body: Buffer, handler: Handler): Reply {
  if (fault?.kind === 'answer') return fault.reply;
  if (fault?.kind === 'refuse') return handler.refuse(fault.status, fault.reason);
  if (fault?.kind === 'damage') (handler.damage ?? flipMiddle)(body);
  return handler.act(body, fault?.kind === 'lie');
}

async function deliver(
  request: IncomingMessage,
  response: ServerResponse,
  reply: Reply,
  fault: Fault | undefined,
  pace: number | undefined,
): Promise<void> {
  if (fault?.kind === 'lost-ack') {
    end(request, fault.by);
    return;
  }
  if (fault?.kind === 'stall' && fault.after === undefined) return;
  const body = reply.body ?? new Uint8Array();
  const hasBody = request.method !== 'HEAD' && reply.status !== 204 && reply.status !== 304;
  response.writeHead(reply.status, { ...(hasBody && { 'content-length': String(body.length) }), ...reply.headers });
  if (fault?.kind !== 'cut' && fault?.kind !== 'stall') {
    if (hasBody) await send(response, body, pace);
    else response.end();
    return;
  }
  response.flushHeaders();
  await new Promise<void>((resolve) => response.write(Buffer.from(body.subarray(0, fault.after)), () => resolve()));
  if (fault.kind === 'cut') end(request, fault.by);
}

function end({ socket }: IncomingMessage, by: 'fin' | 'rst'): 0 {
  if (by === 'fin') socket.end();
  else socket.resetAndDestroy();
  return 0;
}

function flipMiddle(bytes: Buffer): void {
  const at = bytes.length >> 1;
  if (bytes.length > 0) bytes[at] = (bytes[at] ?? 0) ^ 1;
}

async function readAll(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
