import { type Channel, type Handlers, type Session, serveCalls, toWire } from '@varve/core/internal';
import type { BlobLink } from './blob-client.ts';
import { SleepingWorkers, serveBlobs } from './blob-server.ts';
import { type Appended, type AppendMessage, type FromIo, SESSION_CALLS, type SessionCall } from './io-protocol.ts';

/** Calls that concern the thread rather than the session in it. */
export interface ThreadCalls {
  /** Serves blobs to one more thread. */
  attach(link: BlobLink): Promise<void>;
  close(nothing: undefined): Promise<void>;
}

/** Carries a session over the channel of the I/O thread. `end` closes what the session works on. */
export function serveSession(channel: Channel, session: Session, end: () => Promise<void>): void {
  const workers = new SleepingWorkers();
  channel.on('message', (message) => {
    if (typeof message === 'object' && message !== null && 'append' in message)
      append(session, message as AppendMessage);
  });
  serveCalls<SessionHandlers & ThreadCalls>(channel, {
    ...sessionHandlers(channel, session),
    attach: async (link) => {
      workers.add(link);
      serveBlobs(link, session);
    },
    close: async () => {
      workers.close();
      try {
        await session.close();
      } finally {
        await end();
      }
    },
  } as Handlers<SessionHandlers & ThreadCalls>);
}

type SessionHandlers = { readonly [K in SessionCall]: (args: readonly unknown[]) => Promise<unknown> };

function sessionHandlers(channel: Channel, session: Session): SessionHandlers {
  const call = (name: SessionCall) => async (args: readonly unknown[]) => {
    const answer = (session[name] as (...all: readonly unknown[]) => Promise<unknown>)(...args);
    // Beginning a run removes the listeners of the last one.
    if (name === 'begin') forwardEvents(channel, session);
    return answer;
  };
  return Object.fromEntries(SESSION_CALLS.map((name) => [name, call(name)])) as SessionHandlers;
}

function forwardEvents(channel: Channel, session: Session): void {
  const send = (message: FromIo) => channel.postMessage(message);
  session.onFlushed((flushed) => send({ flushed }));
  session.onStop((stopped) => send({ stopped }));
  session.onWarning((warning) => send({ warning }));
  session.onError((error) => send({ failed: toWire(error) }));
}

function append(session: Session, { append: appended, packed }: AppendMessage): void {
  for (const { event, blobs, record } of JSON.parse(appended) as Appended[]) {
    const bytes = blobs.map(([digest, start, size]) => [digest, packed.subarray(start, start + size)] as const);
    session.append(event, new Map(bytes), record);
  }
}
