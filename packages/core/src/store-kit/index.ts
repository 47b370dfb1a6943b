/** What stores over a network have in common: large reads in parts, limits, and creates whose answer was lost. For any store. */
export { MARK, newMark, OwnWrites } from './own-writes.ts';
export { isWorthParts, PART, type Parts, readParts } from './parts.ts';
export { checkRange, type Range, rangeHeader, type SentRange, sentRange } from './ranges.ts';
export { type PassOptions, Semaphore } from './semaphore.ts';
