/** Parts of serializers: the proof that a value comes back exactly, and a frame that keeps binary data out of text. */
export { type ExactOptions, requireExact } from './exact.ts';
export { carriesExtras } from './extras.ts';
export { LeafReader, malformed, packTree, parseText, unpackTree } from './frame.ts';
export { classMistake, requireVisibleFields } from './plain-class.ts';
export { formatPath, type PathStep } from './value-path.ts';
