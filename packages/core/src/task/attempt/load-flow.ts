import { hash } from 'node:crypto';
import { type AmbientReads, type CodeLocation, type Finding, VarveError } from '../../contract/index.ts';
import {
  checkFlow,
  describeFlow,
  type FlowClass,
  type FlowDescription,
  isFlowClass,
  locateStack,
  parseParameters,
} from '../../flow/index.ts';
import { AmbientInputs } from '../scope/ambient-inputs.ts';
import { loadingInputs, runLoading } from '../scope/capture.ts';
import { tellsItsError } from '../scope/unhandled-errors.ts';
import { type MissingModule, missingHint, missingModule } from './missing-module.ts';

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
const loaded = new Map<string, Promise<Loaded>>();

/** Something that code left running by the loading of a flow looked at later: what depends on it is not known. */
let lateLook: string | undefined;

/** What a path is relative to is looked at before the file itself, which says more. */
function isFact(look: string): boolean {
  return look.startsWith('@os ');
}

/** A sentence when results of this thread must not be used by other runs, because of what its flow's modules do. */
export function loadFault(): string | undefined {
  if (lateLook === undefined) return undefined;
  return `its modules looked at ${lateLook.replace(/^@(file )?/, '')} after they had been loaded`;
}

/** Names what the modules of a flow read while they were loaded, so that two workers can be compared. */
export function loadDigest({ tokens }: AmbientReads): string | undefined {
  const names = Object.keys(tokens);
  if (names.length === 0) return undefined;
  return hash('sha256', JSON.stringify(names.sort().map((name) => [name, tokens[name]])), 'hex');
}

/** The digest of what this thread read when it loaded the module; `undefined` for nothing, or when it has not. */
export function loadDigestOf(bundle: string): string | undefined {
  return digests.get(bundle);
}

const digests = new Map<string, string>();

interface Loaded extends LoadReport {
  readonly classes: readonly FlowClass[];
}

/** What loading a flow's modules has read and done. Plain data. */
export interface LoadReport {
  /** What they looked at outside of the run. */
  readonly ambient: AmbientReads | undefined;
  /** What the thread's own observer of loads tells. */
  readonly observed?: unknown;
}

/** Runs `load`, which imports the modules of a flow, and returns what it has seen of that as plain data. */
export type LoadObserver = <T>(load: () => Promise<T>) => Promise<readonly [T, unknown]>;

let observe: LoadObserver = async (load) => [await load(), undefined];

/** From now on, `observer` is asked to load the flows of this thread. */
export function observeLoads(observer: LoadObserver): void {
  observe = observer;
}

/** Loads the flow's class and describes it, which constructs the class once in this thread. */
export async function loadFlow(code: FlowSelector): Promise<LoadedFlow> {
  const Class = await loadClass(code);
  return { Class, description: describeFlow(Class) };
}

/** Imports the compiled module once per thread and picks the flow by name; without a name, the only one. */
export async function loadClass(code: FlowSelector): Promise<FlowClass> {
  const { classes } = await load(code.bundle, code.file);
  const { flow } = code;
  const found = classes.filter((c) => flow === undefined || c.name === flow);
  const [Class] = found;
  if (Class && found.length === 1) return Class;
  throw noSuchFlow(classes, flow, code.file);
}

function load(bundle: string, file: string | undefined): Promise<Loaded> {
  const known = loaded.get(bundle);
  if (known) return known;
  loading++;
  const inputs = new AmbientInputs((what) => {
    if (lateLook === undefined || (isFact(lateLook) && !isFact(what))) lateLook = what;
  });
  const fresh = runLoading(inputs, () => observe<Record<string, unknown>>(() => tellsItsError(import(bundle))))
    .finally(() => loading--)
    .then(
      async ([module, observed]) => {
        const ambient = await inputs.end();
        const digest = ambient && loadDigest(ambient);
        if (digest !== undefined) digests.set(bundle, digest);
        return { classes: [...new Set(Object.values(module))].filter(isFlowClass), ambient, observed };
      },
      (error: unknown) => {
        throw loadError(error, file);
      },
    );
  loaded.set(bundle, fresh);
  return fresh;
}

/** True when a flow's file calls this while it is evaluated: such code runs again in every worker. */
export function isLoadingFlow(): boolean {
  return loading > 0 && loadingInputs() !== undefined;
}

/** The file compiled, but its own top level threw, or that of a module it imports. */
function loadError(error: unknown, file = 'the file'): VarveError {
  if (VarveError.is(error)) return error;
  const missing = missingModule(error);
  if (missing) return missingError(missing, file, error);
  const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const location = error instanceof Error ? locateStack(error.stack) : undefined;
  return new VarveError('VARVE_FLOW_LOAD', `${file} threw while it was loaded: ${what}`, {
    cause: error,
    ...(location && { location }),
  });
}

function missingError(missing: MissingModule, file: string, cause: unknown): VarveError {
  const { name, importer } = missing;
  const by = importer === undefined ? '' : `, which ${importer} loads`;
  return new VarveError('VARVE_FLOW_LOAD', `${file} could not be loaded: cannot find '${name}'${by}`, {
    cause,
    hint: missingHint(missing),
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
  /** True for a value that was written as text, as in a flag: JSON in it is read. Default: false. */
  readonly text?: boolean;
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
  /** What loading the flow's modules has read and done. */
  loaded(code: CodeLocation): Promise<LoadReport>;
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
  async loaded({ bundle }) {
    const { ambient, observed } = await load(bundle, undefined);
    return { ambient, observed };
  },
} satisfies FlowCalls;
