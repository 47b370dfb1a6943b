import type { StepOutline } from '../../contract/index.ts';
import type { FlowDescription } from './description.ts';

/** The part of a flow's description that its history keeps. */
export function outlineOf(description: FlowDescription): StepOutline[] {
  return description.steps.map(({ name, after, foreach, join }) => ({
    name,
    after,
    ...(foreach !== undefined && { foreach }),
    ...(join !== undefined && { join }),
  }));
}
