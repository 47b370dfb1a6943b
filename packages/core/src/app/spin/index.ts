export type { SpunArtifact } from './compare-results.ts';
export type { Override } from './read-overrides.ts';
export { type SpinOptions, type SpinRequest, type SpunTask, spin } from './spin.ts';
export { type SpinFromCodeOptions, type Spun, spinFromCode } from './spin-from-code.ts';
