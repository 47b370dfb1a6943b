import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { artifact, Flow, type StoredDir, type StoredFile, secret, step } from '@varve/core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { logOf, Models, runStep, testFlow } from './flows.ts';
import { readWeather } from './weather.ts';

vi.mock('./weather.ts', () => ({ readWeather: vi.fn(async () => 'sunny') }));

const later = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

class Weather extends Flow {
  text!: string;
  @step() async read() {
    this.text = await readWeather();
  }
}

it('testFlow and runStep run flows with the mocks of the test', async () => {
  expect((await testFlow(Weather)).artifacts.text).toBe('sunny');
  vi.mocked(readWeather).mockResolvedValueOnce('rain');
  expect((await runStep(Weather, 'read')).text).toBe('rain');
});

describe('The disk', () => {
  const before = { cwd: process.cwd(), tmp: process.env.TMPDIR };
  let folder = '';
  let files = '';

  beforeEach(() => {
    files = mkdtempSync(join(tmpdir(), 'varve-files-'));
    folder = mkdtempSync(join(tmpdir(), 'varve-empty-'));
    writeFileSync(join(files, 'a.txt'), 'a'.repeat(50_000));
    process.chdir(folder);
    process.env.TMPDIR = folder;
  });
  afterEach(() => {
    process.chdir(before.cwd);
    if (before.tmp === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before.tmp;
    for (const one of [folder, files]) rmSync(one, { recursive: true });
  });

  class Files extends Flow {
    files = files;
    file!: StoredFile;
    dir!: StoredDir;
    stream!: StoredFile;
    big!: Uint8Array;
    sizes!: number[];
    @step() async make() {
      this.file = artifact.file(join(this.files, 'a.txt')) as StoredFile;
      this.dir = artifact.dir(this.files) as StoredDir;
      this.stream = artifact.stream(chunks()) as StoredFile;
      this.big = new Uint8Array(100_000).fill(7);
    }
    @step({ after: 'make' }) async read() {
      let streamed = 0;
      for await (const chunk of this.stream.stream()) streamed += chunk.byteLength;
      this.sizes = [this.file.text().length, this.dir.file('a.txt').bytes().byteLength, streamed, this.big.byteLength];
      expect(readdirSync(folder)).toEqual([]);
    }
    @step({ after: 'read' }) paths() {
      expect(readFileSync(this.file.path(), 'utf8')).toBe('a'.repeat(50_000));
      expect(readdirSync(this.dir.path())).toEqual(['a.txt']);
      expect(readdirSync(folder)).toHaveLength(1);
    }
  }
  async function* chunks() {
    for (let i = 0; i < 30; i++) yield 'x'.repeat(1000);
  }

  it('is untouched after testFlow and runStep, also with large values, files, folders and streams', async () => {
    const run = await testFlow(Files);
    expect(run.error).toBeUndefined();
    expect(run.artifacts.sizes).toEqual([50_000, 50_000, 30_000, 100_000]);
    expect(run.artifacts.file.text()).toHaveLength(50_000);
    expect(() => run.artifacts.file.path()).toThrow(expect.objectContaining({ code: 'VARVE_TEST_ENDED' }));
    const after = await runStep(Files, 'make');
    expect(after.dir.files.map((one) => one.path)).toEqual(['a.txt']);
    await testFlow(Models);
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('Fake timers', () => {
  afterEach(() => void vi.useRealTimers());

  class Timed extends Flow {
    list = [1, 2, 3];
    at!: number;
    seen!: number;
    @step({ retry: { times: 2, backoff: '5m' } }) tries() {
      if (this.run.attempt < 3) throw new Error('again');
      this.at = this.now();
    }
    @step({ after: 'tries', foreach: 'list', rate: '1/h' }) each(n: number) {
      this.seen = n;
    }
  }

  it('delay neither testFlow nor the pauses of its run, and set its time', async () => {
    const toFake = ['setTimeout', 'setInterval', 'setImmediate', 'Date', 'performance', 'queueMicrotask'] as const;
    vi.useFakeTimers({ now: 1_000_000, toFake: [...toFake] });
    const run = await testFlow(Timed);
    expect(run.error).toBeUndefined();
    expect([run.record.createdAt, run.task('tries').artifacts.at]).toEqual([1_000_000, 1_000_000]);
    expect(run.tasks('each').map((task) => task.artifacts.seen)).toEqual([1, 2, 3]);
    expect(Date.now()).toBe(1_000_000);
    expect((await runStep(Timed, 'each')).seen).toBe(1);
  });

  it('may be installed by a step that runs', async () => {
    class Stops extends Flow {
      done!: number;
      @step() stop() {
        vi.useFakeTimers();
        this.done = 1;
      }
    }
    const run = await testFlow(Stops);
    expect(run.status).toBe('succeeded');
    expect(run.task('stop').state.ms).toBeGreaterThanOrEqual(0);
  });

  class Waits extends Flow {
    waited = false;
    @step({ timeout: '1h' }) async waits() {
      await later(30 * 60_000);
      this.waited = true;
    }
    @step({ timeout: '1s' }) async never() {
      await new Promise(() => {});
    }
  }

  it('may advance by themselves', async () => {
    vi.useFakeTimers();
    vi.setTimerTickMode('nextTimerAsync');
    const run = await testFlow(Waits);
    expect(run.task('waits').artifacts.waited).toBe(true);
    expect(run.error?.code).toBe('VARVE_TIMEOUT');
  });

  it('are the timers of the steps, which a test can advance', async () => {
    vi.useFakeTimers();
    const waiting = runStep(Waits, 'waits');
    await turn();
    expect(vi.getTimerCount()).toBe(2);
    await vi.advanceTimersByTimeAsync(30 * 60_000);
    expect((await waiting).waited).toBe(true);
    const stopped = expect(runStep(Waits, 'never')).rejects.toMatchObject({ code: 'VARVE_TIMEOUT' });
    await turn();
    await vi.advanceTimersByTimeAsync(1000);
    await stopped;
  });
});

describe('The output of a step in a test', () => {
  class Prints extends Flow {
    @step() print() {
      console.log('to %s', 'console', '\u001b[31m1\u001b[39m');
      console.error('to stderr');
      process.stdout.write('to stdout\n');
      this.run.log('with', { a: 1 });
    }
  }

  it('is in its log once, and still reaches the spies of the test', async () => {
    const log = vi.spyOn(console, 'log');
    const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    const after = await runStep(Prints, 'print');
    const texts = logOf(after).map(({ stream, text }) => `${stream} ${text}`);
    expect(texts).toEqual(['stdout to console 1', 'stderr to stderr', 'stdout to stdout', 'stdout with {"a":1}']);
    expect(log).toHaveBeenCalledExactlyOnceWith('to %s', 'console', expect.stringContaining('1'));
    expect(write.mock.calls.map(([text]) => text)).toEqual(['to stdout\n', 'with {"a":1}\n']);
    vi.restoreAllMocks();
  });

  it('is in its log also when console is muted or a method of it was taken before', async () => {
    const { log: taken } = console;
    const muted = vi.spyOn(console, 'log').mockImplementation(() => {});
    class Taken extends Flow {
      @step() print() {
        console.log('muted', { n: 1 });
        console.group('group');
        console.table([[1]]);
        console.groupEnd();
        console.assert(false, 'wrong');
        taken('taken');
      }
    }
    const lines = logOf(await runStep(Taken, 'print')).map((line) => line.text);
    expect(lines.slice(0, 2)).toEqual(['muted { n: 1 }', 'group']);
    expect(lines.slice(2, -2).every((line) => /^ {2}[┌│├└]/.test(line))).toBe(true);
    expect(lines.slice(-2)).toEqual(['Assertion failed: wrong', 'taken']);
    expect(muted.mock.calls[0]).toEqual(['muted', { n: 1 }]);
    expect(console.log).toBe(muted);
    vi.restoreAllMocks();
  });

  it('has nothing of the test in it, and console and process are restored after two steps that overlap', async () => {
    const { write } = process.stdout;
    const { exit } = process;
    const { log } = console;
    const listeners = () => [process.rawListeners('uncaughtException'), process.rawListeners('unhandledRejection')];
    const before = listeners();
    class Beside extends Flow {
      ms = 5;
      @step() async waits() {
        await later(this.ms);
        console.log('inside');
      }
    }
    const running = runStep(Beside, 'waits');
    const longer = runStep(Beside, 'waits', { ms: 15 });
    for (let i = 0; i < 3; i++) {
      console.log('beside');
      await later(1);
    }
    for (const after of [await running, await longer])
      expect(logOf(after).map((line) => line.text)).toEqual(['inside']);
    expect([process.stdout.write, process.exit, console.log]).toEqual([write, exit, log]);
    expect(listeners()).toEqual(before);
  });
});

describe('An unhandled error or process.exit() of a step', () => {
  class Strays extends Flow {
    value = 1;
    @step() async floats() {
      void Promise.reject(new Error('nobody awaits me'));
      await later(1);
    }
    @step() async fires() {
      setTimeout(() => {
        throw new Error('from a timer');
      }, 0);
      await later(5);
    }
    @step() async exits() {
      process.exit(3);
    }
  }

  it('fails the step and not the test', async () => {
    await expect(runStep(Strays, 'floats')).rejects.toThrow('nobody awaits me');
    await expect(runStep(Strays, 'fires')).rejects.toThrow('from a timer');
    await expect(runStep(Strays, 'exits')).rejects.toMatchObject({
      code: 'VARVE_TASK_CRASHED',
      message: 'exits called process.exit(3)',
    });
    expect((await testFlow(Strays)).summary?.counts).toEqual({ failed: 3 });
  });
});

describe('Secrets of a test', () => {
  class Secrets extends Flow {
    key = secret('VARVE_TEST_KEY');
    seen!: number;
    @step() async use() {
      await later(2);
      console.log(`key ${this.key.value()}`);
      this.seen = this.key.value().length;
      if (this.key.value() === 'thrown-one') throw new RangeError('GET /?key=thrown-one');
    }
  }

  it('are given by name, for one run, and are redacted in its log', async () => {
    const [a, b] = await Promise.all([
      testFlow(Secrets, { secrets: { VARVE_TEST_KEY: 'first-one' } }),
      runStep(Secrets, 'use', {}, { secrets: { VARVE_TEST_KEY: 'second' } }),
    ]);
    expect([a.artifacts.seen, b.seen]).toEqual([9, 6]);
    expect((await a.task('use').log()).map((line) => line.text)).toEqual(['key [secret VARVE_TEST_KEY]']);
    expect(logOf(b).map((line) => line.text)).toEqual(['key [secret VARVE_TEST_KEY]']);
    await expect(runStep(Secrets, 'use')).rejects.toMatchObject({ code: 'VARVE_SECRET_MISSING' });
  });

  it('are redacted in errors and on the terminal', async () => {
    const write = vi.spyOn((console as unknown as { _stdout: NodeJS.WriteStream })._stdout, 'write');
    vi.stubEnv('VARVE_TEST_KEY', 'thrown-one');
    const error = await runStep(Secrets, 'use').then(String, (thrown: Error) => thrown);
    vi.unstubAllEnvs();
    expect(error).toBeInstanceOf(RangeError);
    expect(error).toMatchObject({ message: 'GET /?key=[secret VARVE_TEST_KEY]' });
    expect((error as Error).stack).not.toContain('thrown-one');
    expect(write.mock.calls.map(([text]) => text)).toEqual(['key [secret VARVE_TEST_KEY]\n']);
    vi.restoreAllMocks();
  });

  it('default to the environment, and are not redacted any more after the tests that had them', async () => {
    vi.stubEnv('VARVE_TEST_KEY', 'from-env');
    expect((await runStep(Secrets, 'use')).seen).toBe(8);
    vi.unstubAllEnvs();
    class Says extends Flow {
      @step() say() {
        console.log('the first-one');
      }
    }
    expect(logOf(await runStep(Says, 'say')).map((line) => line.text)).toEqual(['the first-one']);
  });
});
