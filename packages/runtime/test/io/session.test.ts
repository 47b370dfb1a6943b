import { EventEmitter } from 'node:events';
import type { RunEvent } from '@varve/core/contract';
import { ArtifactStore, MemoryDatastore, Session, systemClock } from '@varve/core/internal';
import { runRecord, testSerializer } from '@varve/test-support';
import { afterEach, describe, expect, it } from 'vitest';
import { connectSession, type IoThread } from '../../src/io/io-client.ts';
import { serveSession } from '../../src/io/io-host.ts';
import { SESSION_CALLS } from '../../src/io/io-protocol.ts';

/** Both ends of a channel in one thread. Messages are cloned, and taken in the order in which they were sent. */
function channel() {
  const [here, there] = [new EventEmitter(), new EventEmitter()];
  const sent: string[] = [];
  const end = (from: EventEmitter, to: EventEmitter, note: boolean) => ({
    postMessage(message: object) {
      if (note) sent.push('append' in message ? 'append' : (message as { call: string }).call);
      const clone = structuredClone(message);
      setImmediate(() => to.emit('message', clone));
    },
    on: (event: string, listener: (...values: unknown[]) => void) => from.on(event, listener),
    terminate: async () => 0,
  });
  return { client: end(here, there, true) as unknown as IoThread, server: end(there, here, false), sent };
}

const record = runRecord({ id: '01j9zq0000000000000000000b' });
const { number: _, ...draft } = record;
const event: RunEvent = { type: 'task-started', at: 1, task: 'clean', attempt: 1 };

function open() {
  const store = new MemoryDatastore();
  const ended: string[] = [];
  const parts = {
    store,
    artifacts: new ArtifactStore({ store }),
    metadata: undefined,
    serializer: testSerializer,
    clock: systemClock,
    stateDir: '/none',
  };
  const { client, server, sent } = channel();
  serveSession(server as never, new Session(async () => parts), async () => void ended.push('parts'));
  return { session: connectSession(client), store, sent, ended };
}

describe('a session behind a channel', () => {
  let opened: ReturnType<typeof open> | undefined;
  afterEach(() => opened?.session.close());

  it('runs as it does in its own thread', async () => {
    opened = open();
    const { session, ended } = opened;
    expect(await session.open()).toEqual({ store: 'memory' });
    const run = await session.begin({
      record: draft,
      code: { entry: 'flow.ts', emit: { kind: 'test' } as never, files: [] },
    });
    expect(run.number).toBe(1);
    const flushed: number[] = [];
    session.onFlushed((sequence) => flushed.push(sequence));
    const { reference, bytes = new Uint8Array() } = await session.store(['a', 'b']);
    expect(session.append(event, new Map([[reference.digest, bytes]]))).toBe(1);
    const elements = await session.expand(reference, 'list');
    expect(elements.labels).toEqual(['a', 'b']);
    await session.flush();
    expect(flushed.at(-1)).toBe(1);
    expect((await session.locate([reference.digest])).get(reference.digest)?.length).toBe(bytes.byteLength);
    await session.close();
    opened = undefined;
    expect(ended).toEqual(['parts']);
  });

  it.each(['expand', 'test', 'release', 'locate', 'flush', 'end'] as const)(
    'sends what was appended before %s',
    (name) => {
      opened = open();
      const { session, sent } = opened;
      session.append(event);
      void Promise.resolve(
        (session[name] as (...args: unknown[]) => unknown)({ digest: 'sha256:00', size: 0, codec: 'x' }),
      ).catch(() => {});
      expect(sent).toEqual(['append', name]);
    },
  );

  it('offers every call of the protocol, and only those', () => {
    opened = open();
    const session = opened.session as unknown as Record<string, unknown>;
    for (const name of SESSION_CALLS) expect(typeof session[name]).toBe('function');
  });
});
