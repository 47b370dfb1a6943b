import type { MessagePort, TransferListItem } from 'node:worker_threads';
import { fromWire, toWire, type WireError } from './wire-error.ts';

interface Request {
  readonly id: number;
  readonly call: string;
  readonly argument: unknown;
}
type Reply = { readonly id: number; readonly value: unknown } | { readonly id: number; readonly error: WireError };

/** Anything messages can be sent through: a port, a worker, the parent of a worker. */
export interface Channel {
  postMessage(message: unknown, transfer?: readonly TransferListItem[]): void;
  on(event: 'message', listener: (message: unknown) => void): unknown;
}

export type Handlers<C> = {
  readonly [K in keyof C]: C[K] extends (argument: infer A) => infer R ? (argument: A) => R | Awaited<R> : never;
};

/** Answers calls from the other side, in any order, errors included. */
export function serveCalls<C>(channel: Channel, handlers: Handlers<C>): void {
  channel.on('message', (message) => {
    const { id, call, argument } = message as Request;
    const handler = handlers[call as keyof C] as ((argument: unknown) => unknown) | undefined;
    if (id === undefined || !handler) return;
    Promise.resolve()
      .then(() => handler(argument))
      .then(
        (value) => channel.postMessage({ id, value } satisfies Reply),
        (error) => channel.postMessage({ id, error: toWire(error) } satisfies Reply),
      );
  });
}

/** Calls the other side. `fail` rejects every call that is still open, and all later ones. */
export interface Caller<C> {
  call<K extends keyof C & string>(
    call: K,
    argument: C[K] extends (argument: infer A) => unknown ? A : never,
    transfer?: readonly TransferListItem[],
  ): Promise<C[K] extends (argument: never) => infer R ? Awaited<R> : never>;
  fail(error: Error): void;
}

export function createCaller<C>(channel: Channel | MessagePort): Caller<C> {
  const open = new Map<number, { resolve(value: never): void; reject(error: Error): void }>();
  let next = 1;
  let failed: Error | undefined;
  (channel as Channel).on('message', (message) => {
    const reply = message as Reply;
    const waiting = open.get(reply.id);
    if (!waiting) return;
    open.delete(reply.id);
    if ('error' in reply) waiting.reject(fromWire(reply.error));
    else waiting.resolve(reply.value as never);
  });
  return {
    call: (call, argument, transfer = []) =>
      new Promise((resolve, reject) => {
        if (failed) return reject(failed);
        const id = next++;
        open.set(id, { resolve, reject });
        (channel as Channel).postMessage({ id, call, argument } satisfies Request, transfer);
      }),
    fail(error) {
      failed = error;
      for (const waiting of open.values()) waiting.reject(error);
      open.clear();
    },
  };
}
