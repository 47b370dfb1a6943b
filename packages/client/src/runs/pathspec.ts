/** Names a run and, optionally, a step or a task of it. */
export interface Pathspec {
  readonly flow?: string;
  /** A number, an id, or an alias relative to the newest run. */
  readonly run: { readonly number: number } | { readonly id: string } | { readonly alias: 'last' | 'last-ok' | 'prev' };
  /** `train`, `train[2]` or `train[knn]`. */
  readonly task?: string;
}

/** A valid class name. */
export const FLOW_NAME = /^[\p{ID_Start}_$][\p{ID_Continue}$]*$/u;
const ALIAS = /^@(last|last-ok|prev)$/;

/** Parses `Penguins/12/train[2]`, `#12`, `Penguins/@last`, `@prev/train` or an id; `undefined` for anything else. */
export function parsePathspec(text: string): Pathspec | undefined {
  const parts = text.split('/');
  const first = parts[0] ?? '';
  const own = readRun(first);
  const flow = own ? undefined : first.split('#')[0];
  const run = own ?? readRun(first.includes('#') ? first.slice(first.indexOf('#')) : (parts[1] ?? '@last'));
  if (!run || (flow !== undefined && !FLOW_NAME.test(flow))) return undefined;
  const rest = parts.slice(own || first.includes('#') ? 1 : 2).join('/');
  return { run, ...(flow !== undefined && { flow }), ...(rest !== '' && { task: rest }) };
}

function readRun(text: string): Pathspec['run'] | undefined {
  const alias = ALIAS.exec(text)?.[1];
  if (alias) return { alias: alias as 'last' | 'last-ok' | 'prev' };
  if (/^#?\d{1,15}$/.test(text)) return { number: Number(text.replace('#', '')) };
  return /^[0-9a-z]{26}$/.test(text) ? { id: text } : undefined;
}

/** Splits `train[2]` into the step and the text in the brackets. */
export function parseTaskName(text: string): { readonly step: string; readonly element?: string } {
  const match = /^([^[\]]+)\[(.*)\]$/.exec(text);
  return match ? { step: match[1] ?? text, element: match[2] ?? '' } : { step: text };
}
