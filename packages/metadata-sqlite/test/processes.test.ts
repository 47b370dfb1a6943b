import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { IndexedRun, RunEvent, RunRecord } from '@varve/core/contract';
import { afterAll, describe, expect, it } from 'vitest';
import { openIndex, openMetadata } from './open.ts';

const folder = mkdtempSync(join(tmpdir(), 'varve-sqlite-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const WRITER = fileURLToPath(new URL('writer.mjs', import.meta.url));

interface Writer {
  readonly child: ChildProcess;
  /** Lengths that it was told are stored. */
  readonly stored: number[];
  said(lines: number): Promise<void>;
  readonly ended: Promise<unknown>;
}

function write(file: string, id: string, count: number, wait = false): Writer {
  const args = [WRITER, file, id, String(count), ...(wait ? ['wait'] : [])];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  let text = '';
  const stored: number[] = [];
  child.stdout.setEncoding('utf8').on('data', (some: string) => {
    text += some;
    stored.splice(0, stored.length, ...text.split('\n').slice(0, -1).map(Number));
  });
  const ended = once(child, 'close');
  const said = async (lines: number) => {
    while (stored.length < lines) {
      await Promise.race([once(child.stdout, 'data'), ended]);
      if (child.exitCode !== null) throw new Error(`a writer ended with ${child.exitCode}`);
    }
  };
  return { child, stored, said, ended };
}

async function journalOf(file: string, id: string): Promise<{ readonly run: RunRecord; readonly events: RunEvent[] }> {
  const provider = await openMetadata(file);
  const listing = await provider.run('Written', id);
  if (!listing) throw new Error(`there is no run ${id}`);
  const events: RunEvent[] = [];
  for await (const event of provider.events(listing.record)) events.push(event);
  await provider.close?.();
  return { run: listing.record, events };
}

function attempts(events: readonly RunEvent[]): number[] {
  return events.map((event) => ('attempt' in event ? event.attempt : -1));
}

describe('several processes on one file', () => {
  it('keep all that a killed process was told is stored, and go on from there', async () => {
    const file = join(folder, 'killed.db');
    const writer = write(file, 'a', 1_000_000);
    await writer.said(200);
    writer.child.kill('SIGKILL');
    await writer.ended;
    const { run, events } = await journalOf(file, 'a');
    expect(events.length).toBeGreaterThanOrEqual(writer.stored.at(-1) ?? Number.NaN);
    expect(attempts(events)).toEqual(events.map((_, n) => n));
    const provider = await openMetadata(file);
    await provider.append(run, events.slice(0, 2), { expectedLength: events.length });
    await provider.close?.();
    expect((await journalOf(file, 'a')).events).toHaveLength(events.length + 2);
  });

  it('each write their own journal', async () => {
    const file = join(folder, 'own.db');
    const writers = ['a', 'b'].map((id) => write(file, id, 300));
    await Promise.all(writers.map(({ ended }) => ended));
    for (const id of ['a', 'b']) expect(attempts((await journalOf(file, id)).events)).toEqual([...Array(300).keys()]);
  });

  it('never append twice at one length', async () => {
    const file = join(folder, 'raced.db');
    const writers = [write(file, 'a', 300, true), write(file, 'a', 300, true)];
    await Promise.all(writers.map(({ said }) => said(1)));
    for (const { child } of writers) child.stdin?.end('go');
    await Promise.all(writers.map(({ ended }) => ended));
    const won = writers.flatMap(({ stored }) => stored.slice(1));
    expect(won.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 300 }, (_, n) => n + 1));
    expect(attempts((await journalOf(file, 'a')).events)).toEqual([...Array(300).keys()]);
  });

  it('build one index at once, and make a damaged one anew', async () => {
    const place = join(folder, 'index');
    const runs = Array.from({ length: 40 }, (_, n): IndexedRun => {
      const record = { id: `0${n + 10}`, flow: 'F', number: n, createdAt: n, tags: [], parameters: {} };
      return { key: `records/f/0${n + 10}`, listing: { record: record as unknown as RunRecord } };
    });
    const indexes = await Promise.all([openIndex(place), openIndex(place), openIndex(place)]);
    await Promise.all(
      indexes.map(async (index) => {
        await index.clear();
        for (let at = 0; at < runs.length; at += 5) await index.put(runs.slice(at, at + 5));
      }),
    );
    const [first] = indexes;
    const snapshot = await first?.snapshot();
    expect([...((await snapshot?.known()) ?? [])].length).toBe(runs.length);
    await snapshot?.close();
    for (const index of indexes) await index.close?.();
  });
});
