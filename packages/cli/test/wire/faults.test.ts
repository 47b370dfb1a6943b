import type { Fault } from '@varve/test-servers/wire';
import { describe, expect, it } from 'vitest';
import { expectCode, expectNoStack } from '../support/project.ts';
import { STORE } from '../support/stores.ts';
import { WireProject } from './wire-project.ts';

/**
 * `all` tries every fault at the first, a middle and a late request. Otherwise each fault is tried over one of the stores, at
 * one of these.
 */
const ALL = process.env.VARVE_CRASHES === 'all';
const STORES: readonly string[] = ['s3', 'gcs', 'tiered'];
const TIMEOUT_MS = 600_000;

/** One request fails: varve asks again. */
const PASSING: readonly (readonly [string, Fault])[] = [
  ['is dropped (RST)', { kind: 'drop' }],
  ['is dropped (FIN)', { kind: 'drop', by: 'fin' }],
  ['is done, and its answer lost (RST)', { kind: 'lost-ack', by: 'rst' }],
  ['is done, and its answer lost (FIN)', { kind: 'lost-ack', by: 'fin' }],
  ['gets a part of its answer (FIN)', { kind: 'cut', by: 'fin', after: 5 }],
  ['gets a part of its answer (RST)', { kind: 'cut', by: 'rst', after: 5 }],
  ['gets no answer', { kind: 'stall' }],
  ['gets a part of its answer, then nothing', { kind: 'stall', after: 5 }],
  ['is answered late', { kind: 'delay', ms: 700 }],
  ['is answered with 429', { kind: 'refuse', status: 429 }],
  ['is answered with 500', { kind: 'refuse', status: 500 }],
  ['is answered with 503', { kind: 'refuse', status: 503 }],
  ['is damaged on its way', { kind: 'damage' }],
];

/** All requests fail from one of them on, until the run has ended: it has to say so in bounded time, and to lose nothing. */
const LASTING: readonly (readonly [string, Fault])[] = [
  ['are dropped', { kind: 'drop' }],
  ['are answered with 503', { kind: 'refuse', status: 503 }],
  ['get no answer', { kind: 'stall' }],
];

const WHEN = [
  ['first', 0],
  ['middle', 0.5],
  ['late', 0.9],
] as const;

function momentsOf(index: number): readonly (typeof WHEN)[number][] {
  if (ALL) return WHEN;
  if (index % STORES.length !== STORES.indexOf(STORE)) return [];
  return WHEN.filter((_, moment) => moment === Math.floor(index / STORES.length) % WHEN.length);
}

/** Each fault is tried over one of the stores in the middle of a run. */
function momentsOfLasting(index: number): readonly (typeof WHEN)[number][] {
  if (ALL) return WHEN;
  return index % STORES.length === STORES.indexOf(STORE) ? [WHEN[1]] : [];
}

/** Commands that cannot do without their store. */
const COMMANDS = [
  'list',
  'show @last',
  'artifacts get @last total',
  'cache ls',
  'resume',
  'gc',
  'run wired.ts',
] as const;

describe(`a run over ${STORE}`, () => {
  const project = new WireProject();
  let count: Promise<number> | undefined;
  /** The number of the request at that part of a run. */
  const requestAt = async (part: number) => {
    count ??= project.requests();
    return Math.floor((await count) * part);
  };

  for (const [index, [what, fault]] of PASSING.entries()) {
    for (const [when, part] of momentsOf(index)) {
      it(`completes when its ${when} request ${what}`, { timeout: TIMEOUT_MS }, async () => {
        const { result, hits } = await project.runUnder(fault, await requestAt(part));
        expect(hits, 'the fault has happened').toBe(1);
        expect(await project.expectRightOrClear(result), result.stderr).toBe('completed');
      });
    }
  }

  for (const [index, [what, fault]] of LASTING.entries()) {
    for (const [when, part] of momentsOfLasting(index)) {
      it(`ends with a clear error when all ${what} from its ${when} request on, and is resumed when the service is back`, {
        timeout: TIMEOUT_MS,
      }, async () => {
        const { result, hits } = await project.runUnder(fault, await requestAt(part), Number.POSITIVE_INFINITY);
        expect(hits, 'the fault has happened').toBeGreaterThan(0);
        await project.expectGoesOn(result);
      });
    }

    if (momentsOfLasting(index).length === 0) continue;
    it(`is refused by every command in bounded time when all requests ${what}`, {
      timeout: TIMEOUT_MS,
    }, async () => {
      project.forget();
      expectCode(await project.varve(['run', 'wired.ts']), 0);
      for (const command of COMMANDS) {
        const result = await project.varveUnder(fault, command.split(' '));
        expectNoStack(result);
        expect(result.code, `${command}: ${result.stderr}`).toBe(4);
        expect(result.stderr, command).toContain('VARVE_STORE_UNAVAILABLE');
      }
      expectCode(await project.varve(['show', '@last']), 0);
    });
  }
});
