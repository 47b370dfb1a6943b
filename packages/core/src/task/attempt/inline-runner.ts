import type { RunTaskOptions, StoredError, TaskOutcome, TaskRunner, TaskSpec } from '../../contract/index.ts';
import { installCapture } from '../scope/capture.ts';
import { monotonicNow } from '../scope/own-clock.ts';
import { installUnhandledErrorHandlers } from '../scope/unhandled-errors.ts';
import type { Values } from '../values/values.ts';
import { GRACE_MS, stoppedOutcome, TIMED_OUT, timeoutError } from './ended-attempts.ts';
import { executeTask, type TaskHost } from './execute-task.ts';
import { keptFromOthers, LeftBehind, type LookAround } from './left-behind.ts';
import { type LoadedFlow, loadFlow } from './load-flow.ts';
import { AttemptAbort } from './step-scope.ts';

export interface InlineOptions {
  /** Opened with the first task. */
  readonly values: () => Promise<Values>;
  /** True when tasks of this step run side by side. */
  readonly isMultiplexed: (spec: TaskSpec) => boolean;
  /** Ms that an attempt may take after the run was told to stop. */
  readonly graceMs?: number | undefined;
  /** Default: the module that the loader made is imported. */
  readonly load?: (code: TaskSpec['code']) => Promise<LoadedFlow>;
  /** Looks at this thread's output and errors, from the start of a task until what it returns is called. */
  readonly watch?: () => () => void;
  /** Resolves with the next turn of the event loop: unhandled rejections have surfaced by then. */
  readonly nextTurn?: () => Promise<unknown>;
  /** Asked after each task. What a task has changed for others keeps their results from other runs. */
  readonly lookAround?: LookAround;
  readonly onLook?: TaskHost['onLook'];
  readonly onThrown?: TaskHost['onThrown'];
}

/**
 * Runs tasks in the calling thread, one at a time except those of steps with `concurrency`: for debuggers and tests. A
 * busy loop cannot be stopped here; an attempt that ignores its signal is left behind.
 */
export class InlineRunner implements TaskRunner {
  readonly name = 'inline';
  readonly capabilities = { isolation: 'none', width: 1 } as const;
  private last: Promise<unknown> = Promise.resolve();
  private values: Promise<Values> | undefined;
  private busy = 0;
  private uninstall: () => void = () => {};
  private readonly left: LeftBehind | undefined;

  constructor(private readonly options: InlineOptions) {
    this.left = options.lookAround && new LeftBehind(options.lookAround);
  }

  run(spec: TaskSpec, options: RunTaskOptions): Promise<TaskOutcome> {
    if (this.options.isMultiplexed(spec)) return this.attempt(spec, options);
    const outcome = this.last.then(() => this.attempt(spec, options));
    this.last = outcome.catch(() => {});
    return outcome;
  }

  /** The thread is not the runner's own: its output and its errors are captured only while a task runs. */
  private async attempt(spec: TaskSpec, options: RunTaskOptions): Promise<TaskOutcome> {
    if (this.busy++ === 0) this.uninstall = (this.options.watch ?? install)();
    try {
      this.values ??= this.options.values();
      return await this.execute(spec, options, await this.values);
    } finally {
      if (--this.busy === 0) this.uninstall();
    }
  }

  private async execute(spec: TaskSpec, options: RunTaskOptions, values: Values): Promise<TaskOutcome> {
    const { load = loadFlow, nextTurn = immediate, graceMs = GRACE_MS, onLook, onThrown } = this.options;
    const flow = await load(spec.code);
    const limits = new InlineLimits(spec, options, { graceMs, nextTurn });
    const host = {
      ...{ flow, values, onLook, onThrown },
      onLog: (line: Parameters<NonNullable<RunTaskOptions['onLog']>>[0]) => options.onLog?.(line),
      onLateFailure: (failed: TaskOutcome & { readonly ok: false }) => {
        late = failed;
      },
    };
    let late: TaskOutcome | undefined;
    const leave = this.left?.begin(spec);
    try {
      const outcome = await Promise.race([executeTask(spec, host, limits.abort), limits.over]);
      await nextTurn();
      return keptFromOthers(limits.judge(late ?? outcome), leave?.());
    } finally {
      limits.end();
    }
  }
}

function immediate(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

let watching = 0;
let undo: readonly (() => void)[] = [];

/** Installs once for all runners of this thread: two that end in another order than they began must not undo each other. */
function install(): () => void {
  if (watching++ === 0) undo = [installCapture({ keepStdout: true }), installUnhandledErrorHandlers()];
  return () => {
    if (--watching === 0) for (const one of undo) one();
  };
}

/** Stops one attempt in this thread: first by its signal, then by not waiting for it any longer. */
class InlineLimits {
  readonly over: Promise<TaskOutcome>;
  readonly abort = new AttemptAbort();
  private readonly startedAt = monotonicNow();
  private timeout: NodeJS.Timeout | undefined;
  private grace: NodeJS.Timeout | undefined;
  private stopped: StoredError | undefined;
  private leave: (outcome: TaskOutcome) => void = () => {};

  constructor(
    private readonly spec: TaskSpec,
    private readonly options: RunTaskOptions,
    private readonly pace: { readonly graceMs: number; readonly nextTurn: () => Promise<unknown> },
  ) {
    this.over = new Promise((resolve) => {
      this.leave = resolve;
    });
    const { timeoutMs, label } = spec;
    if (timeoutMs !== undefined)
      this.timeout = setTimeout(() => this.stop(timeoutError(label, timeoutMs), 0), timeoutMs);
    if (options.signal?.aborted) this.interrupt();
    options.signal?.addEventListener('abort', this.interrupt, { once: true });
  }

  /** The outcome itself, or a timeout if the attempt ran out of time before. */
  judge(outcome: TaskOutcome): TaskOutcome {
    return this.stopped?.code === TIMED_OUT ? this.outcome(outcome.log) : outcome;
  }

  end(): void {
    clearTimeout(this.timeout);
    clearTimeout(this.grace);
    this.options.signal?.removeEventListener('abort', this.interrupt);
  }

  private readonly interrupt = (): void => {
    const message = String(this.options.signal?.reason?.message ?? 'stopped');
    this.stop({ name: 'Error', message }, this.pace.graceMs);
  };

  private stop(error: StoredError, graceMs: number): void {
    if (this.stopped) return;
    this.stopped = error;
    this.abort.abort(new Error(error.message));
    const leave = () => this.leave(this.outcome());
    if (graceMs > 0) this.grace = setTimeout(leave, graceMs);
    else this.pace.nextTurn().then(leave);
  }

  private outcome(log?: TaskOutcome['log']): TaskOutcome {
    return stoppedOutcome({ spec: this.spec, sentAt: this.startedAt, stopped: this.stopped }, log);
  }
}
