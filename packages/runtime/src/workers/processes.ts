import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type Channel, PoolRunner, PoolWorker, type WorkerEnd, type WorkerHandle } from '@varve/core/internal';

import type { Setup } from '../compose/setup.ts';
import type { PoolSettings } from './threads.ts';

/** A pool of child processes: a step that kills its process fails alone. Each reads and writes the store itself. */
export function startProcesses({ setup, width, isMultiplexed, graceMs }: PoolSettings): PoolRunner {
  const spawn = () => new PoolWorker(startProcess(setup), { isMultiplexed, graceMs });
  return new PoolRunner({ name: 'process', isolation: 'process', width, spawn });
}

function startProcess(setup: Setup): WorkerHandle {
  const child = fork(fileURLToPath(new URL('./process-entry.js', import.meta.url)), [], {
    serialization: 'advanced',
    detached: true,
    stdio: ['ignore', 2, 2, 'ipc'],
  });
  guard(child);
  child.send({ setup: { ...setup, parentPid: process.pid } }, () => {});
  let error: Error | undefined;
  child.on('error', (fault) => {
    error = fault;
  });
  return {
    channel: channelTo(child),
    kill: () => killGroup(child),
    onEnd: (listener: (end: WorkerEnd) => void) => {
      child.on('exit', (code, signal) => listener({ code, ...(signal && { signal }), ...(error && { error }) }));
      // One that could not be started never says that it has ended.
      child.on('error', (fault) => child.pid === undefined && listener({ code: null, error: fault }));
    },
  };
}

function channelTo(child: ChildProcess): Channel {
  return {
    postMessage: (message) => {
      // A child that has just died says so through its exit.
      if (child.connected) child.send(message as object, () => {});
    },
    on: (_, listener) => child.on('message', listener),
  };
}

/** With everything the step may have started itself. */
async function killGroup(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  killNow(child);
  await ended;
}

const alive = new Set<ChildProcess>();

/** However this process ends, as long as it can still say so, its children end with it. */
function guard(child: ChildProcess): void {
  if (alive.size === 0) process.on('exit', killAll);
  alive.add(child);
  child.once('exit', () => {
    alive.delete(child);
    if (alive.size === 0) process.off('exit', killAll);
  });
}

function killAll(): void {
  for (const child of alive) killNow(child);
}

function killNow(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(process.platform === 'win32' ? child.pid : -child.pid, 'SIGKILL');
  } catch {
    child.kill('SIGKILL');
  }
}

/** Ms between two looks at whether the parent is still there. */
const WATCH_MS = 1_000;

/** Ends this worker process with everything its step has started: the process that wanted the result is gone. */
export function endGroup(): void {
  try {
    process.kill(process.platform === 'win32' ? process.pid : -process.pid, 'SIGKILL');
  } catch {
    // It leads no group.
    process.kill(process.pid, 'SIGKILL');
  }
}

/** From a thread that runs while a step holds the main one: an orphan must not go on burning a core. */
export function watchParent(parentPid: number): void {
  setInterval(() => {
    if (process.ppid !== parentPid) endGroup();
  }, WATCH_MS).unref();
}
