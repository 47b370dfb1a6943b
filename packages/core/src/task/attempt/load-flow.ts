import { AsyncLocalStorage } from 'node:async_hooks';
import { type CodeLocation, type Finding, VarveError } from '../../contract/index.ts';
import {
  checkFlow,
  describeFlow,
  type FlowClass,
  type FlowDescription,
  isFlowClass,
  locateStack,
  parseParameters,
} from '../../flow/index.ts';

/** A flow class in this thread, with its description. */
export interface LoadedFlow {
  readonly Class: FlowClass;
  readonly description: FlowDescription;
  /** Functions that are called in place of a step's method, by step. */
  readonly bodies?: ReadonlyMap<string, StepBody>;
}

/** Names a flow in a compiled module. `file`: as the user named it, for messages. */
export type FlowSelector = Pick<CodeLocation, 'bundle'> & { readonly flow?: string; readonly file?: string };

/** Called as the method would be: `this` is the task's instance. */
export type StepBody = (this: never, ...values: never[]) => unknown;

let loading = 0;
/** Tells calls of the file from those of other code in this thread meanwhile. */
const underLoading = new AsyncLocalStorage<true>();
const loaded = new Map<string, Promise<readonly FlowClass[]>>();

/** Loads the flow's class and describes it, which constructs the class once in this thread. */
export async function loadFlow(code: FlowSelector): Promise<LoadedFlow> {
  const Class = await loadClass(code);
  return { Class, description: describeFlow(Class) };
}

/** Imports the compiled module once per thread and picks the flow by name; without a name, the only one. */
export async function loadClass(code: FlowSelector): Promise<FlowClass> {
  const classes = await classesOf(code.bundle, code.file);
  const { flow } = code;
  const found = classes.filter((c) => flow === undefined || c.name === flow);
  const [Class] = found;
  if (Class && found.length === 1) return Class;
  throw noSuchFlow(classes, flow, code.file);
}

function classesOf(bundle: string, file: string | undefined): Promise<readonly FlowClass[]> {
  const known = loaded.get(bundle);
  if (known) return known;
  loading++;
  const fresh = underLoading
    .run(true, () => import(bundle))
    .finally(() => loading--)
    .then(
      (module: Record<string, unknown>) => [...new Set(Object.values(module))].filter(isFlowClass),
      (error: unknown) => {
        throw loadError(error, file);
      },
    );
  loaded.set(bundle, fresh);
  return fresh;
}

/** True when a flow's file calls this while it is evaluated: such code runs again in every worker. */
export function isLoadingFlow(): boolean {
  return loading > 0 && underLoading.getStore() === true;
}

/** The file compiled, but its own top level threw, or that of a module it imports. */
function loadError(error: unknown, file = 'the file'): VarveError {
  if (VarveError.is(error)) return error;
  const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const location = error instanceof Error ? locateStack(error.stack) : undefined;
  return new VarveError('VARVE_FLOW_LOAD', `${file} threw while it was loaded: ${what}`, {
    cause: error,
    ...(location && { location }),
  });
}

function noSuchFlow(classes: readonly FlowClass[], flow: string | undefined, file: string | undefined): VarveError {
  const where = file ?? 'the file';
  const names = classes.map((c) => c.name).join(', ');
  const hint = `Name one of them: varve run ${file ?? 'flow.ts'}#${classes[0]?.name}`;
  if (classes.length === 0) {
    return new VarveError('VARVE_NO_FLOW', `${where} exports no flow`, {
      hint: 'Export a class that extends Flow: export default class MyFlow extends Flow { … }',
    });
  }
  if (flow === undefined) {
    return new VarveError('VARVE_SEVERAL_FLOWS', `${where} exports several flows: ${names}`, { hint });
  }
  return new VarveError('VARVE_NO_FLOW', `${where} exports no flow named '${flow}', only ${names}`, { hint });
}

/** A parameter value as the user gave it. */
export interface GivenParameter {
  readonly value: unknown;
  /** For messages: `command line`, `VARVE_PARAM_FOLDS`, `params.json`. */
  readonly from: string;
}

export interface ParsedParameters {
  /** For people; never a secret. */
  readonly shown: Readonly<Record<string, string>>;
  readonly findings: readonly Finding[];
}

/** Questions that only a thread with the loaded flow can answer. */
export interface FlowCalls {
  describe(code: FlowSelector): Promise<FlowDescription>;
  parse(question: {
    readonly code: CodeLocation;
    readonly given: Readonly<Record<string, GivenParameter>>;
  }): Promise<ParsedParameters>;
}

/** Answers questions about a flow in the thread that has loaded it. */
export const flowCalls = {
  async describe(code) {
    const { description } = await loadFlow(code);
    return { ...description, findings: [...description.findings, ...checkFlow(description)] };
  },
  async parse({ code, given }) {
    const { Class } = await loadFlow(code);
    const { shown, findings } = await parseParameters(Class, given);
    return { shown, findings };
  },
} satisfies FlowCalls;
