import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';
import type { Project, Result } from '../../support/project.ts';

const CHILD = fileURLToPath(new URL('./desk-child.mjs', import.meta.url));
const MAIN = new URL('../../../dist/main.js', import.meta.url).href;

/** `VARVE_OBSERVED_PROCESSES=1` starts a process for every command line. */
const PROCESSES = process.env.VARVE_OBSERVED_PROCESSES !== undefined;

/** Longest time of a command line in ms. */
const LIMIT = 120_000;

/** Runs one command line of a project. */
export type Command = (
  args: readonly string[],
  env?: Readonly<Record<string, string>>,
  cwd?: string,
) => Promise<Result>;

/** A process for each command line. Needed for the locale, which Node reads once. */
export function ownProcesses(project: Project): Command {
  return (args, env = {}, cwd) => {
    const { child: own, ended } = project.start(args, env, cwd === undefined ? {} : { cwd });
    return endInTime(ended, () => own.pid !== undefined && process.kill(-own.pid, 'SIGKILL'));
  };
}

/** A step that hangs must not outlive the test. */
async function endInTime(ended: Promise<Result>, kill: () => void): Promise<Result> {
  const timer = setTimeout(kill, LIMIT);
  const result = await ended;
  clearTimeout(timer);
  return result;
}

/** What decides on the locale of a process, which Node reads once. */
const LOCALE = ['LC_ALL', 'LC_MESSAGES', 'LANG'] as const;

/** By the locale. */
const desks = new Map<string, Promise<ChildProcess>>();
afterAll(async () => {
  for (const desk of desks.values()) (await desk).kill();
});

/** One process for all command lines of a test file with the same locale. */
export function sharedDesk(project: Project): Command {
  if (PROCESSES) return ownProcesses(project);
  return async (args, env = {}, cwd = '.') => {
    const desk = await openDesk(env);
    const answer = new Promise<Result>((resolve) => desk.once('message', resolve));
    const ended = once(desk, 'exit').then(([code]): Result => ({ code, stdout: '', stderr: 'the process has ended' }));
    desk.send({ args, env: { NO_COLOR: '1', ...env }, cwd: project.path(cwd) });
    return endInTime(Promise.race([answer, ended]), () => desk.kill('SIGKILL'));
  };
}

async function openDesk(env: Readonly<Record<string, string>>): Promise<ChildProcess> {
  const own = Object.fromEntries(LOCALE.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])));
  const key = JSON.stringify(own);
  const known = await desks.get(key);
  if (known?.connected) return known;
  const fresh = startDesk({ ...process.env, ...own });
  desks.set(key, fresh);
  return fresh;
}

async function startDesk(env: NodeJS.ProcessEnv): Promise<ChildProcess> {
  const child = fork(CHILD, [MAIN], { env, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  child.setMaxListeners(0);
  await once(child, 'message');
  return child;
}
