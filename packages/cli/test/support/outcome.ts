import { expectCode, type Project, type Result, type RunEventLine } from './project.ts';

/** Outcome of a run, from its `--json` output. */
export interface Outcome {
  /** Number of the run. */
  readonly number: number;
  /** Status by task: `succeeded` for executed ones, `cloned`, `cached`, `failed`, … */
  readonly tasks: Readonly<Record<string, string>>;
  /** Executed tasks, in the order of their ends. */
  readonly executed: readonly string[];
  readonly warnings: readonly string[];
  /** Reasons of executed tasks, where there are any. */
  readonly why: Readonly<Record<string, string>>;
}

/** Runs `varve run` or `varve resume` with these arguments and expects an exit code. */
export async function outcomeOf(project: Project, args: readonly string[], code = 0): Promise<Outcome> {
  return readOutcome(expectCode(await project.varve([...args, '--json']), code));
}

export function readOutcome({ stdout }: Result): Outcome {
  const events = stdout
    .split('\n')
    .filter((line) => line.endsWith('}'))
    .map((line) => JSON.parse(line) as RunEventLine);
  const ended = events.filter(({ type }) => type === 'task-ended');
  const started = events.filter(({ type }) => type === 'task-started');
  const why = started.flatMap((event) => (event.why ? [[String(event.task), reasonOf(event.why)]] : []));
  return {
    number: Number(events.find(({ type }) => type === 'run-started')?.number),
    tasks: Object.fromEntries(ended.map((event) => [String(event.task), String(event.status)])),
    executed: ended.filter(({ status }) => status === 'succeeded').map(({ task }) => String(task)),
    warnings: events.flatMap((event) => (event.type === 'warning' ? [String(event.message)] : [])),
    why: Object.fromEntries(why),
  };
}

function reasonOf(why: unknown): string {
  const { code, text } = why as { readonly code: string; readonly text: string };
  return `${code} ${text}`;
}

/** Reads the value of an artifact as JSON. */
export async function artifactOf<T>(project: Project, path: string, name: string): Promise<T> {
  return JSON.parse(expectCode(await project.varve(['artifacts', 'get', path, name]), 0).stdout) as T;
}
