import { type Reference, VarveError } from '@varve/core/contract';
import { type ArtifactScope, type Elements, flattenScope, type GraphStep } from '@varve/core/internal';
import type { Harness } from './harness.ts';
import { storeAll } from './test-inputs.ts';
import type { UncheckedArguments } from './types.ts';

interface List {
  readonly reference: Reference;
  readonly elements: Elements;
}

/** An element in its list. */
export interface Choice {
  readonly list: Reference;
  readonly elements: Elements;
  readonly index: number;
}

/** Chooses the element of a task: the one among the arguments of the test, else one of the list that the foreach names. */
export async function chooseElement(
  harness: Harness,
  step: GraphStep,
  foreach: GraphStep,
  artifacts: ArtifactScope,
  args: UncheckedArguments,
): Promise<Choice> {
  const known = await knownList(harness, foreach, artifacts, step === foreach);
  const wanted = args.index as number | undefined;
  if (!('element' in args)) return inList(harness, step, foreach, known, wanted ?? 0);
  const digest = await digestOf(harness, step, foreach, args.element);
  const index = wanted ?? Math.max(0, known?.elements.digests.indexOf(digest) ?? 0);
  if (known?.elements.digests[index] === digest) return choice(known, index);
  const made = await makeList(harness, step, foreach, [...Array(index).fill(null), args.element]);
  return choice(made, index);
}

/** The list that a foreach names, when it has `count` elements; else a list of `count` blanks. */
export async function elementsFor(
  harness: Harness,
  step: GraphStep,
  foreach: GraphStep,
  artifacts: ArtifactScope,
  count: number,
): Promise<List> {
  const known = await knownList(harness, foreach, artifacts, false);
  if (known?.elements.labels.length === count) return known;
  return makeList(harness, step, foreach, Array(count).fill(null));
}

function choice({ reference, elements }: List, index: number): Choice {
  return { list: reference, elements, index };
}

async function inList(
  harness: Harness,
  step: GraphStep,
  foreach: GraphStep,
  known: List | undefined,
  index: number,
): Promise<Choice> {
  if (known && index < known.elements.labels.length) return choice(known, index);
  if (step !== foreach) return choice(await makeList(harness, step, foreach, Array(index + 1).fill(null)), index);
  const why = known ? `${foreach.foreach} has ${known.elements.labels.length}` : `there is no ${foreach.foreach}`;
  throw new VarveError('VARVE_TEST_INPUT', `'${step.name}' is called with an element, and none was given: ${why}`, {
    hint: `Give it one: runStep(Flow, '${step.name}', { … }, { element: … })`,
  });
}

/** The list that a foreach names, if there is one. Throws `VARVE_NOT_A_LIST` for another value when `strict`. */
async function knownList(
  { store }: Harness,
  foreach: GraphStep,
  artifacts: ArtifactScope,
  strict: boolean,
): Promise<List | undefined> {
  const name = foreach.foreach ?? '';
  const reference = flattenScope(artifacts).references[name];
  if (!reference || (!strict && !Array.isArray(store.reader.readNow(reference)))) return undefined;
  return { reference, elements: await store.session.expand(reference, name) };
}

async function makeList(
  harness: Harness,
  step: GraphStep,
  { foreach: name = '' }: GraphStep,
  list: readonly unknown[],
): Promise<List> {
  const reference = (await storeAll(harness, step, { [name]: list }))[name] as Reference;
  return { reference, elements: await harness.store.session.expand(reference, name) };
}

/** Throws `VARVE_NOT_STORABLE`. */
async function digestOf(harness: Harness, step: GraphStep, foreach: GraphStep, element: unknown): Promise<string> {
  const { elements } = await makeList(harness, step, foreach, [element]);
  return elements.digests[0] ?? '';
}
