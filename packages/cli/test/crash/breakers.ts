import { existsSync } from 'node:fs';
import type { Fault } from '@varve/test-servers/wire';
import type { Project, Result, Started } from '../support/project.ts';
import type { TestStore, Wire } from '../support/stores.ts';

/**
 * What goes wrong at the n-th durable call of a run: one that changes what is stored, for a store over a network a request that
 * may. The process dies before or after it; nothing more fits, from then on; the store breaks, for a network for ever; or it
 * says that all is well and has done nothing.
 */
export const KINDS = ['before', 'after', 'full', 'error', 'lie'] as const;
export type Kind = (typeof KINDS)[number];

export interface Break {
  readonly kind: Kind;
  readonly nth: number;
}

/** Breaks the store of a project while a command runs. */
export interface Breaker {
  /** Resolves when the command has ended. */
  run(args: readonly string[], at: Break | 'count' | undefined): Promise<Result>;
  /** Durable calls of the last command that was broken or counted. */
  calls(): number;
}

export function breakerOf(project: Project): Breaker {
  const { wire } = project.store;
  return wire === undefined ? localBreaker(project) : wireBreaker(project, wire);
}

/** The config of `crash-flow.ts` breaks the calls of the local store. */
function localBreaker(project: Project): Breaker {
  return {
    run: (args, at) => {
      const fault = at === undefined ? 'none:0' : at === 'count' ? 'count:0' : `${at.kind}:${at.nth}`;
      return project.varve(args, { VARVE_TEST_FAULT: fault });
    },
    calls: () => (existsSync(project.path('calls.txt')) ? project.read('calls.txt').length : 0),
  };
}

/** The service breaks the requests, and kills the process that makes them. */
function wireBreaker(project: Project, { faults, full }: Wire): Breaker {
  let seen = 0;
  return {
    run: async (args, at) => {
      if (at === undefined) return project.varve(args);
      let started: Started | undefined;
      const kill = () => killGroup(started);
      seen = 0;
      // Counts, and hits nothing.
      faults.add({ on: (request) => request.changes && ++seen < 0, fault: { kind: 'drop' } });
      if (at !== 'count') {
        const isLasting = at.kind === 'full' || at.kind === 'error';
        const times = isLasting ? Number.POSITIVE_INFINITY : 1;
        faults.add({ on: ({ changes }) => changes, skip: at.nth - 1, times, fault: faultOf(at.kind, full, kill) });
      }
      try {
        started = project.start(args);
        return await started.ended;
      } finally {
        faults.clear();
      }
    },
    calls: () => seen,
  };
}

function faultOf(kind: Kind, full: Wire['full'], kill: () => void): Fault {
  if (kind === 'before' || kind === 'after') return { kind: 'die', when: kind, kill };
  if (kind === 'full') return { kind: 'refuse', ...full };
  if (kind === 'error') return { kind: 'refuse', status: 500 };
  return { kind: 'lie' };
}

function killGroup(started: Started | undefined): void {
  const { pid } = started?.child ?? {};
  if (pid !== undefined) process.kill(-pid, 'SIGKILL');
}

/** Bytes of the largest artifact of the flow: over a network one that is sent in several requests. */
export function largeFor({ wire }: TestStore): number {
  return wire === undefined ? 40_000 : 9 * 1024 * 1024;
}
