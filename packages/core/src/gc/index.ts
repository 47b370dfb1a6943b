/** What may be deleted, and deleting it. */

export { choosePages } from './choose-pages.ts';
export type { ChosenRuns, KeepReason, Retention, RunFacts } from './choose-runs.ts';
export { chooseRuns } from './choose-runs.ts';
export { collect, type GcOptions, type GcParts, type GcPlan, planCollection } from './collect.ts';
export { CollectorLease, collectorOf } from './collector-lease.ts';
export { isPinned, type Pin, pinRun, unpinRun } from './pins.ts';
export type { Slack, SweepPlan } from './plan-sweep.ts';
export { type RemoveOptions, removeRun } from './remove-run.ts';
