/**
 * The value that a text of JSON says. Throws `SyntaxError` also for whole numbers that JavaScript would round: what a user
 * writes must not change silently.
 */
export function parseExactJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  const rounded = [...text.matchAll(LITERALS)].map(([literal]) => literal).find(isRounded);
  if (rounded === undefined) return value;
  throw new SyntaxError(`the number ${rounded} is too large to be exact: write it as text, "${rounded}"`);
}

/** Texts, so that digits in them do not count, and numbers. */
const LITERALS = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

function isRounded(literal: string): boolean {
  return /^-?\d+$/.test(literal) && BigInt(Number(literal)) !== BigInt(literal);
}
