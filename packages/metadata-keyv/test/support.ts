import { setTimeout as sleep } from 'node:timers/promises';
import type { MetadataProvider, PluginContext, RunEvent, RunRecord } from '@varve/core/contract';
import { keyv, type MetadataKeyvOptions } from '../src/index.ts';

const ignore = (): void => undefined;

/** The provider as varve makes it. `stack`: other threads make it, too. */
export async function open(options: MetadataKeyvOptions, stack?: object): Promise<MetadataProvider> {
  const context: PluginContext = {
    logger: { debug: ignore, info: ignore, warn: ignore, error: ignore },
    clock: { now: Date.now, sleep: (ms, signal) => sleep(ms, undefined, { ...(signal && { signal }), ref: false }) },
    projectRoot: '/',
    stateDir: '/',
    get: () => Promise.reject(new TypeError('there is no other part')),
    ...(stack && { stack }),
  };
  return keyv(options).provides.metadata(context);
}

export function makeRun(flow: string, number: number, id = `01k${String(number).padStart(6, '0')}`): RunRecord {
  const about = { tags: [], createdAt: number, user: 'ada', host: 'host', varve: '1', parameters: {}, graph: [] };
  return { id, flow, number, ...about, bundle: `sha256:${'ab'.repeat(32)}` };
}

export function started(task: string): RunEvent {
  return { at: 1, type: 'task-started', task, attempt: 1 };
}

export async function eventsOf(provider: MetadataProvider, run: RunRecord): Promise<RunEvent[]> {
  const events: RunEvent[] = [];
  for await (const event of provider.events(run)) events.push(event);
  return events;
}

/** `Flow#number` of each run, newest first. */
export async function listed(provider: MetadataProvider, flow?: string, damage: unknown[] = []): Promise<string[]> {
  const found: string[] = [];
  const onDamage = (error: Error) => damage.push(error.message);
  for await (const { record } of provider.runs({ ...(flow !== undefined && { flow }), onDamage }))
    found.push(`${record.flow}#${record.number}`);
  return found;
}

/** What a promise rejects with. */
export async function refusal(promise: Promise<unknown>): Promise<Error & { readonly code: string }> {
  return promise.then(
    () => Promise.reject(new Error('it did not reject')),
    (error) => error,
  );
}
