import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { definePlugin, VarveError } from '@varve/core/contract';
import { PoolRunner, PoolWorker, type WorkerHandle } from '@varve/core/worker';
import { channelOver } from './channel.ts';

export interface PipeRunnerOptions {
  /** Most processes at once. Default 2. */
  readonly width?: number;
  /** Ms that a task may take after its run was told to stop. Default 10 s. */
  readonly graceMs?: number;
}

/** Runs tasks in processes behind a pipe: `runner: pipeRunner({ width: 4 })`. */
export const pipeRunner = ({ width = 2, graceMs }: PipeRunnerOptions = {}) =>
  definePlugin<'runner'>({
    name: 'pipe-runner',
    provides: {
      runner({ stack }) {
        if (stack === undefined) throw needsFile();
        const start = () => new PoolWorker(startWorker(stack), { graceMs });
        return new PoolRunner({ name: 'pipes', isolation: 'process', width, spawn: start });
      },
    },
  });

function startWorker(stack: unknown): WorkerHandle {
  const worker = fileURLToPath(new URL('./worker.js', import.meta.url));
  // Detached, so that Ctrl-C in a terminal stops the run, which then stops its tasks.
  const child = spawn(process.execPath, [worker], { stdio: ['ignore', 2, 2, 'pipe'], detached: true });
  const pipe = child.stdio[3] as Socket;
  // Idle workers must not keep the program alive. They end when the pipe does.
  child.unref();
  pipe.unref();
  const channel = channelOver(pipe);
  channel.postMessage({ stack });
  return { channel, kill: () => kill(child), onEnd: (listener) => onEnd(child, listener) };
}

function onEnd(child: ChildProcess, listener: Parameters<WorkerHandle['onEnd']>[0]): void {
  child.once('exit', (code, signal) => listener({ code, ...(signal && { signal }) }));
  child.once('error', (error) => child.pid === undefined && listener({ code: null, error }));
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.ref();
  child.kill('SIGKILL');
  await ended;
}

function needsFile(): VarveError {
  return new VarveError('VARVE_STACK_OBJECTS', "runner 'pipes' cannot open this stack in another process", {
    hint: "Name the stack by its file: createVarve({ stack: import.meta.resolve('./varve.config.ts') }).",
  });
}
