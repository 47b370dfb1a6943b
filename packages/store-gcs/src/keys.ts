/** Longest key, in bytes. Keys are ASCII, so bytes are characters. */
const MAX_KEY = 512;
/** Names of objects have at most 1,024 bytes; this leaves room for a key and a slash. */
export const MAX_PREFIX = 511;
const SEGMENT = /^[a-z0-9._-]+$/;
const PARTIAL_SEGMENT = /^[a-z0-9._-]*$/;
const PREFIX = /^[A-Za-z0-9._=-]+(?:\/[A-Za-z0-9._=-]+)*$/;

/** Explains why a key is outside of the grammar, as the end of a sentence; `undefined` when it is not. */
export function refuseKey(key: string): string | undefined {
  if (key.length === 0 || key.length > MAX_KEY) return `a key has 1 to ${MAX_KEY} bytes, this one ${key.length}`;
  const wrong = key.split('/').find((segment) => !isSegment(segment));
  return wrong === undefined ? undefined : `its part ${JSON.stringify(wrong)} is not a name of [a-z0-9._-]`;
}

/** True when some key can start with this text. */
export function canStartKey(text: string): boolean {
  const segments = text.split('/');
  const last = segments.pop() ?? '';
  return text.length <= MAX_KEY && PARTIAL_SEGMENT.test(last) && segments.every(isSegment);
}

/** True for a folder that a store may keep its objects under. */
export function isPrefix(text: string): boolean {
  return text.length <= MAX_PREFIX && PREFIX.test(text) && !text.split('/').some(isDots);
}

function isSegment(name: string): boolean {
  return SEGMENT.test(name) && !isDots(name);
}

function isDots(name: string): boolean {
  return name === '.' || name === '..';
}
