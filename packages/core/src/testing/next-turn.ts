import { MessageChannel, type MessagePort } from 'node:worker_threads';

/** Nobody fakes messages: whoever waits here is not kept waiting by a test whose timers stand still. */
let ports: { readonly here: MessagePort; readonly there: MessagePort } | undefined;
let waiting: (() => void)[] = [];

/** Resolves with the next turn of the event loop, whatever has become of the timers. */
export function nextTurn(): Promise<void> {
  ports ??= open();
  const { here, there } = ports;
  return new Promise((resolve) => {
    if (waiting.push(resolve) > 1) return;
    there.ref();
    here.postMessage(undefined);
  });
}

function open() {
  const { port1: here, port2: there } = new MessageChannel();
  there.on('message', () => {
    const due = waiting;
    waiting = [];
    there.unref();
    for (const resolve of due) resolve();
  });
  here.unref();
  return { here, there };
}
