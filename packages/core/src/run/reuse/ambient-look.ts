import type { Tokens } from '../../cache/index.ts';
import type { AmbientCall, AmbientReads } from '../../contract/index.ts';
import type { PendingWork } from '../plan/job.ts';
import type { AmbientPort } from '../plan/ports.ts';

export const NOTHING: Tokens = new Map();

/** What a task saw outside of the run, in the form that is stored; without a port, nothing of it is. */
export function storedTokens(seen: AmbientReads | undefined, port: AmbientPort | undefined): Tokens {
  if (!seen || !port) return NOTHING;
  const calls = (seen.calls ?? []).map(({ call }) => [`${CALL}${call}`, MADE] as const);
  return new Map([...port.settle(seen.tokens), ...calls]);
}

const CALL = '@call ';
const MADE = 'made';

/** Calls among the reads of a task which keep its result from being a function of the others. */
export function madeCalls(reads: readonly string[]): string[] {
  return reads.flatMap((read) => (read.startsWith(CALL) ? [read.slice(CALL.length)] : []));
}

interface Question {
  readonly names: Set<string>;
  readonly answers: ((tokens: Tokens) => void)[];
}

/**
 * Looks at what lies outside of the run on behalf of tasks that may start. All questions of one turn are asked together;
 * one that comes later is asked anew, because a task may have changed a file meanwhile.
 */
export class AmbientLook {
  private open: Question | undefined;

  constructor(
    private readonly port: AmbientPort | undefined,
    private readonly pending: PendingWork,
  ) {}

  /** Calls `answer` with today's tokens of these reads, at once when there are none. */
  ask(names: readonly string[], answer: (tokens: Tokens) => void): void {
    if (names.length === 0) return answer(NOTHING);
    const question = this.open ?? this.begin();
    for (const name of names) question.names.add(name);
    question.answers.push(answer);
  }

  private begin(): Question {
    const question: Question = { names: new Set(), answers: [] };
    this.open = question;
    const looked = Promise.resolve().then(async () => {
      this.open = undefined;
      const [calls, rest] = [[] as string[], [] as string[]];
      for (const name of question.names) (name.startsWith(CALL) ? calls : rest).push(name);
      const seen = await this.port?.look(rest);
      return new Map([...(seen ?? NOTHING), ...calls.map((name) => [name, MADE] as const)]);
    });
    this.pending.track(looked, (tokens) => {
      for (const answer of question.answers) answer(tokens);
    });
    return question;
  }
}

/** `calls Date.now (flow.ts:13)`. */
export function describeCall({ call, file, line, package: from }: AmbientCall): string {
  const place = file === undefined ? '' : ` (${file}${line === undefined ? '' : `:${line}`})`;
  return `calls ${call}${from === undefined ? '' : ` in ${from}`}${place}`;
}
