import { AsyncLocalStorage } from 'node:async_hooks';
import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import {
  guardTerminal,
  openTerminal,
  redirectStreams,
  type SignalHost,
  uncapturedWriter,
} from '../../../src/report/live/terminal.ts';

class FakeProcess extends EventEmitter implements SignalHost {
  readonly pid = 7;
  readonly log: string[] = [];

  /** A signal without listeners has its default effect. */
  kill(_pid: number, signal: NodeJS.Signals): void {
    if (!this.emit(signal, signal)) this.log.push(`default ${signal}`);
  }
}

function guarded() {
  const host = new FakeProcess();
  const guard = { suspend: () => host.log.push('give back'), resume: () => host.log.push('come back') };
  return { host, release: guardTerminal(guard, host) };
}

test('the live report releases the terminal before the process exits', () => {
  const { host } = guarded();
  host.emit('exit');
  expect(host.log).toEqual(['give back']);
});

test.each<NodeJS.Signals>(['SIGHUP', 'SIGQUIT'])('%s releases the terminal and then ends the process', (signal) => {
  const { host } = guarded();
  host.kill(7, signal);
  expect(host.log).toEqual(['give back', `default ${signal}`]);
});

test('Ctrl-Z suspends the live report and fg resumes it, repeatedly', () => {
  const { host } = guarded();
  const once = ['give back', 'default SIGTSTP', 'come back'];
  for (let i = 0; i < 2; i++) {
    host.kill(7, 'SIGTSTP');
    host.kill(7, 'SIGCONT');
  }
  expect(host.log).toEqual([...once, ...once]);
});

test('the guard of the terminal has no listeners after it is stopped', () => {
  const { host, release } = guarded();
  release();
  expect(host.eventNames()).toEqual([]);
});

function fakeStream() {
  const stream = new EventEmitter() as NodeJS.WriteStream;
  const written: unknown[] = [];
  stream.write = ((chunk: unknown) => written.push(chunk) > 0) as typeof stream.write;
  return { stream, written };
}

test('redirected streams pass foreign writes to the report until they are restored', () => {
  const { stream, written } = fakeStream();
  const taken: string[] = [];
  const unshare = redirectStreams([stream], (text) => taken.push(text));
  expect(stream.write('a warning of Node')).toBe(true);
  stream.write(Buffer.from('bytes'));
  unshare();
  stream.write('directly');
  expect({ taken, written }).toEqual({ taken: ['a warning of Node', 'bytes'], written: ['directly'] });
});

test('callbacks of writes to redirected streams are called', async () => {
  const { stream } = fakeStream();
  redirectStreams([stream], () => {});
  await new Promise<void>((resolve) => stream.write('x', () => resolve()));
  await new Promise<void>((resolve) => stream.write('x', 'utf8', () => resolve()));
});

test('a report that receives an event inside a task does not write to the log of that task', () => {
  const { stream } = fakeStream();
  const task = new AsyncLocalStorage<string>();
  const writers: (string | undefined)[] = [];
  stream.write = (() => writers.push(task.getStore()) > 0) as typeof stream.write;
  const write = uncapturedWriter(stream);
  task.run('train', () => write('x'));
  expect(writers).toEqual([undefined]);
});

test('a terminal of unknown size counts as 80 by 24', () => {
  const { stream } = fakeStream();
  const terminal = openTerminal(stream);
  expect(terminal.size()).toEqual({ columns: 80, rows: 24 });
  Object.assign(stream, { columns: 120, rows: 50 });
  expect(terminal.size()).toEqual({ columns: 120, rows: 50 });
});
