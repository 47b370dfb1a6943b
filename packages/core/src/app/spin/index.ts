export type { Override } from '../../api/spin/choose-task.ts';
export type { SpunArtifact } from '../../api/spin/compare-results.ts';
export { type SpinOptions, type SpinRequest, type SpunTask, spin } from '../../api/spin/spin.ts';
export { type SpinFromCodeOptions, type Spun, spinFromCode } from '../../api/spin/spin-from-code.ts';
