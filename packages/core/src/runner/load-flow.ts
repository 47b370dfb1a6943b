import { type CodeLocation, VarveError } from '../contract/index.ts';
import { describeFlow, type FlowClass, type FlowDescription, isFlowClass } from '../flow/index.ts';

/** A flow class in this thread, and what it says of itself. */
export interface LoadedFlow {
  readonly Class: FlowClass;
  readonly description: FlowDescription;
}

const loaded = new Map<string, Promise<readonly FlowClass[]>>();

/** The flow's class and its description. Describing constructs the class once in this thread. */
export async function loadFlow(code: WhichFlow): Promise<LoadedFlow> {
  const Class = await loadClass(code);
  return { Class, description: describeFlow(Class) };
}

type WhichFlow = Pick<CodeLocation, 'bundle'> & { readonly flow?: string };

/** Imports the compiled module once per thread and picks the flow by name; without a name, the only one. */
export async function loadClass(code: WhichFlow): Promise<FlowClass> {
  const classes = await classesOf(code.bundle);
  const wanted = code.flow;
  const found = classes.filter((c) => wanted === undefined || c.name === wanted);
  const [Class] = found;
  if (Class && found.length === 1) return Class;
  throw noSuchFlow(classes, wanted);
}

function classesOf(bundle: string): Promise<readonly FlowClass[]> {
  const known = loaded.get(bundle);
  if (known) return known;
  const fresh = import(bundle).then((module: Record<string, unknown>) =>
    [...new Set(Object.values(module))].filter(isFlowClass),
  );
  loaded.set(bundle, fresh);
  return fresh;
}

function noSuchFlow(classes: readonly FlowClass[], wanted: string | undefined): VarveError {
  const names = classes.map((c) => c.name).join(', ');
  if (classes.length === 0) {
    return new VarveError('VARVE_NO_FLOW', 'the file exports no flow', {
      hint: 'Export a class that extends Flow: export default class MyFlow extends Flow { … }',
    });
  }
  if (wanted === undefined) {
    return new VarveError('VARVE_SEVERAL_FLOWS', `the file exports several flows: ${names}`, {
      hint: `Name one: varve run flow.ts#${classes[0]?.name}`,
    });
  }
  return new VarveError('VARVE_NO_FLOW', `the file exports no flow named '${wanted}', only ${names}`, {
    hint: `Name one of them: varve run flow.ts#${classes[0]?.name}`,
  });
}
