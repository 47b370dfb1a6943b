/** One step into a value: a property, an array index, or a place inside a Map or Set. */
export type PathStep =
  | string
  | number
  | { readonly at: 'key' | 'value' | 'member'; readonly index: number; readonly key?: unknown };

const IDENTIFIER = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;

function formatStep(step: PathStep): string {
  if (typeof step === 'number') return `[${step}]`;
  if (typeof step === 'string') return IDENTIFIER.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`;
  if (step.at === 'value' && typeof step.key === 'string') return `.get(${JSON.stringify(step.key)})`;
  if (step.at === 'value' && typeof step.key === 'number') return `.get(${step.key})`;
  return `.${step.at}(${step.index})`;
}

/** Formats a path as in code: `.rows[3].parse`, `["a b"]`, `.get("key")`, `.key(0)`, `.member(2)`. Cuts long ones. */
export function formatPath(steps: readonly PathStep[]): string {
  if (steps.length <= 40) return steps.map(formatStep).join('');
  return `${steps.slice(0, 20).map(formatStep).join('')}…${steps.slice(-10).map(formatStep).join('')}`;
}
