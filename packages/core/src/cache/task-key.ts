import { framedDigest } from './framing.ts';
import { ABSENT, type Observe } from './observe.ts';

/** What a task read, name by name, and what it saw. */
export interface Seen {
  /** As `formatRead` writes them, sorted. */
  readonly reads: readonly string[];
  /** One a read. */
  readonly tokens: readonly string[];
}

/** The whole key of a task's result: its step's key, and what it read. Hex. The two phases are those of BuildXL. */
export function taskKey(step: string, { reads, tokens }: Seen): string {
  return framedDigest('task-key/1', [step, reads, tokens]);
}

/** A name read and found, and the same name looked for in vain, are one question with two answers. */
export function questionsOf(reads: readonly string[]): string[] {
  return [...new Set(reads.map((read) => (read.startsWith('!') ? read.slice(1) : read)))].sort();
}

/** As the task itself told of its reads: the opposite of `questionsOf`. */
export function answersOf({ reads, tokens }: Seen): string[] {
  return reads.map((read, i) => (tokens[i] === ABSENT && !read.startsWith('@') ? `!${read}` : read)).sort();
}

export function seenBy(observe: Observe, questions: readonly string[]): Seen {
  return { reads: questions, tokens: questions.map(observe) };
}
