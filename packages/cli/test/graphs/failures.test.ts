import { beforeAll, describe, expect, it } from 'vitest';
import { Project } from '../support/project.ts';
import { RUNNERS, runFlows, type SeenRun, taskIn } from './run-flows.ts';

const project = new Project();

/** Root steps that fail in every possible way, and a foreach whose other elements must be kept. */
project.write(
  'wrong.ts',
  `// @ts-nocheck
import { Flow, NonRetryableError, param, step } from 'varve';

const forever = () => new Promise((resolve) => setTimeout(resolve, 60_000));

export default class Wrong extends Flow {
  items = [0, 1, 2, 3];
  crash = param.boolean(false);
  value; heard;

  @step() throws() { throw new TypeError('plainly'); }
  @step() throwsText() { throw 'only a text'; }
  @step({ retry: 3 }) final() { throw new NonRetryableError('never again'); }
  @step() rejects() { void Promise.reject(new RangeError('nobody awaits me')); return forever(); }
  @step() leaves() { void Promise.reject(new RangeError('left behind')); this.value = 1; }
  @step() timer() { setTimeout(() => { throw new Error('in a timer'); }, 1); return forever(); }
  @step({ concurrency: 4 }) shared() { setTimeout(() => { throw new Error('in a shared worker'); }, 1); return forever(); }
  @step({ concurrency: 4 }) async beside() { await new Promise((resolve) => setTimeout(resolve, 50)); this.value = 'well'; }
  @step() exits() { process.exit(3); }
  @step({ timeout: '300ms' }) async listens() {
    await new Promise((resolve) => this.run.signal.addEventListener('abort', resolve));
    console.log('heard it');
    throw new Error('stopped by the signal');
  }
  @step() signal() { if (this.crash) { console.log('before'); process.kill(process.pid, 'SIGSEGV'); for (;;) {} } }
  @step({ foreach: 'items' }) some(i) { if (i === 2) throw new Error('two'); this.value = i; }
}
`,
);

describe.each(RUNNERS)('a failing step on runner %s', (runner) => {
  let run: SeenRun;
  const errorOf = (task: string) => taskIn(run, task).attempts.at(-1)?.error;

  beforeAll(async () => {
    const one = { file: project.path('wrong.ts'), flow: 'Wrong', runner, parameters: { crash: runner === 'process' } };
    run = (await runFlows([one]))[0] as SeenRun;
  }, 60_000);

  it.each([
    ['throws', 'TypeError', 'plainly', 'throws()'],
    ['final', 'NonRetryableError', 'never again', 'final()'],
    ['rejects', 'RangeError', 'nobody awaits me', 'rejects()'],
    ['leaves', 'RangeError', 'left behind', 'leaves()'],
    ['timer', 'Error', 'in a timer', 'timer()'],
    ['shared', 'Error', 'in a shared worker', 'shared()'],
    ['exits', 'CrashError', 'exits called process.exit(3)', 'exits()'],
  ])("fails alone with its own error and the user's line: %s", (task, name, message, written) => {
    const error = errorOf(task);
    expect(error).toMatchObject({ name, message, location: { file: project.path('wrong.ts') } });
    expect(lineOf(error?.location?.line)).toContain(written);
    expect(taskIn(run, task).attempts).toHaveLength(1);
  });

  it('is reported when it throws something that is no Error', () => {
    expect(errorOf('throwsText')?.message).toBe("the step threw 'only a text', which is not an Error");
  });

  it('sees its timeout through the signal first', () => {
    expect(errorOf('listens')?.code).toBe('VARVE_TIMEOUT');
    expect(taskIn(run, 'listens').log).toEqual(['heard it']);
  });

  it('is reported with the signal of a native crash, and keeps its output', () => {
    const crashed = runner === 'process';
    expect(taskIn(run, 'signal').status).toBe(crashed ? 'failed' : 'succeeded');
    if (crashed)
      expect(errorOf('signal')).toMatchObject({
        code: 'VARVE_TASK_CRASHED',
        message: expect.stringContaining('SIGSEGV'),
      });
  });

  it('does not affect sibling elements and tasks on the same worker', () => {
    const some = run.tasks.filter((task) => task.name.startsWith('some')).sort((a, b) => (a.name < b.name ? -1 : 1));
    expect(some.map((task) => task.status)).toEqual(['succeeded', 'succeeded', 'failed', 'succeeded']);
    expect(taskIn(run, 'beside').status).toBe('succeeded');
  });
});

function lineOf(line: number | undefined): string {
  return line === undefined ? '' : (project.read('wrong.ts').split('\n')[line - 1] ?? '');
}
