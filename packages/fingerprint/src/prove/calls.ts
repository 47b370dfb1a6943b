import { callMember, construct } from './classes.ts';
import { addListener, isEmitterClass } from './emitters.ts';
import { changesFirst, isQuietExport, isQuietGlobal, madeBy, madeByGlobal, methodOf, resultOf } from './methods.ts';
import { mayRun } from './opaque.ts';
import { methodKey } from './outcome.ts';
import type { Call, Proof } from './proof.ts';
import { type Activation, ANY, DATA, makerOf, type Origin, oneOf, type Value } from './value.ts';
import { CONTENT, write } from './writes.ts';

/** Follows a call of a value. A function may hand on what a package made: dropping that is like dropping it at once. */
export function callValue(proof: Proof, at: Activation, callee: Value, call: Call): Value {
  return dropped(proof, at, callKnown(proof, at, callee, call), call);
}

function dropped(proof: Proof, at: Activation, result: Value, call: Call): Value {
  const maker = call.isUsed ? undefined : makerOf(result);
  return maker ? proof.doubt(at, call.line, `calls ${maker.module} and drops the result`) : result;
}

function callKnown(proof: Proof, at: Activation, callee: Value, call: Call): Value {
  switch (callee.kind) {
    case 'fn':
      return call.isNew ? proof.doubt(at, call.line, 'constructs a function') : proof.apply(callee, call);
    case 'node':
      return callNode(proof, at, callee.node, call);
    case 'global':
      return callGlobal(proof, at, callee.path, call);
    case 'any':
      if (callee.from) return callPackage(proof, at, callee.from, call);
      return proof.doubt(at, call.line, 'calls a function that is not known before it runs');
    case 'either':
      return oneOf(callee.options.map((each) => callValue(proof, at, each, call)));
    // The call of a primitive throws.
    case 'data':
      return ANY;
    default:
      return proof.doubt(at, call.line, 'calls a value that is not known before it runs');
  }
}

function callNode(proof: Proof, at: Activation, number: number, call: Call): Value {
  const node = proof.nodeAt(number);
  if (!node) return proof.doubt(at, call.line, 'calls code that is not known');
  switch (node.kind) {
    case 'function':
      if (node.reassigned || call.isNew) return proof.doubt(at, call.line, `calls ${node.label}`);
      return proof.applyNode(number, call);
    case 'class':
      return construct(proof, at, number, call);
    case 'framework':
      return ANY;
    case 'package':
    case 'builtin': {
      const { module = '', name = '' } = node.external ?? {};
      if (node.kind === 'package') return callPackage(proof, at, originOf(proof, module, name), call);
      if (call.isNew && isEmitterClass(node)) return ANY;
      if (!isQuietExport(module, name)) return proof.doubt(at, call.line, `calls ${name} of ${module}`);
      if (name !== 'promisify') runAll(proof, at, call);
      seeAll(proof, at, call, 'Object');
      return ANY;
    }
    default: {
      const value = proof.valueOf(number);
      const isItself = value.kind === 'node' && value.node === number;
      return isItself ? proof.doubt(at, call.line, `calls ${node.label}`) : callValue(proof, at, value, call);
    }
  }
}

function originOf({ rules }: Proof, module: string, name: string): Origin {
  return { module, listed: rules.isPureCall(module, name) };
}

/**
 * A call of a package changes nothing if its result is used and it is listed, or if it is given nothing that it could
 * keep and others could see. The second is a choice: a package may still keep a state of its own.
 */
export function callPackage(proof: Proof, at: Activation, from: Origin, call: Call): Value {
  if (!call.isUsed) return proof.doubt(at, call.line, `calls ${from.module} and drops the result`);
  if (from.listed) return { kind: 'any', from };
  if (!proof.rules.strict && call.args.every((each) => isPlain(proof, each))) return { kind: 'any', from };
  return proof.doubt(at, call.line, `hands functions or objects to ${from.module}`);
}

/** True for a value without code and without an identity that others know. */
function isPlain(proof: Proof, value: Value): boolean {
  switch (value.kind) {
    case 'data':
      return true;
    case 'made':
      return value.type !== 'class' && value.type !== 'odd' && value.parts.every((each) => isPlain(proof, each));
    case 'any':
      return value.from !== undefined;
    case 'global':
      return /^process\.env(\.|$)|^(Math|Number|Symbol)\./.test(value.path);
    case 'node':
      return proof.valueOf(value.node).kind === 'data';
    default:
      return false;
  }
}

/** Follows a call of a global, or of a member of one. */
export function callGlobal(proof: Proof, at: Activation, path: string, call: Call): Value {
  const made = madeByGlobal(path);
  if (made !== undefined) {
    if (RUNS_ARGUMENTS.test(path)) runAll(proof, at, call);
    seeAll(proof, at, call, path);
    return made === 'data' ? DATA : { kind: 'made', at, type: made, parts: call.args };
  }
  if (changesFirst(path)) {
    const [first = ANY, ...others] = call.args;
    seeAll(proof, at, { ...call, args: others }, path);
    const isShape = /^Object\.(defineProp|setProto)|^Reflect\.(defineProp|setProto)/.test(path);
    if (isShape && first.kind === 'node') return proof.doubt(at, call.line, `calls ${path}`);
    write(proof, at, first, null, call.line);
    return path === 'Object.freeze' || path === 'Object.assign' ? first : DATA;
  }
  if (path === 'Proxy' || path === 'Object.create') {
    if (path === 'Proxy') return ANY;
    if (call.args.length > 1) return proof.doubt(at, call.line, 'calls Object.create with descriptors');
    return { kind: 'made', at, type: 'odd', parts: [] };
  }
  if (!isQuietGlobal(path)) return proof.doubt(at, call.line, `calls ${path}`);
  if (RUNS_ARGUMENTS.test(path)) runAll(proof, at, call);
  seeAll(proof, at, call, path);
  return resultOf(path);
}

/** Functions of globals that call what they are given. */
const RUNS_ARGUMENTS = /^(Array\.from|JSON\.(parse|stringify)|\w+\.groupBy|Promise(\.\w+)?|\w+Array\.from)$/;

const READS_PARTS =
  /^(Object|JSON|Reflect|Promise|structuredClone|Intl|Event|Headers|Blob|Buffer|console|URLSearchParams|String\.raw|(\w*(Array|Error|Map|Set)))\b/;

/** Built-ins convert, iterate and read what they are given. */
function seeAll(proof: Proof, at: Activation, { args, line }: Call, path: string): void {
  const isHidden = proof.hidden.onUse() || (READS_PARTS.test(path) && proof.hidden.onGet(null));
  if (args.some((each) => mayRun(proof, each, isHidden)))
    proof.doubt(at, line, `${path} may run accessors or conversions`);
}

/** Runs every function among the arguments, with arguments of which nothing is known. */
function runAll(proof: Proof, at: Activation, { args, isUsed, line }: Call): void {
  for (const each of args) {
    if (each.kind === 'fn' || isFunctionNode(proof, each)) {
      callValue(proof, at, each, { args: [], self: ANY, isUsed, isNew: false, line });
    } else if (each.kind === 'made' && each.parts.some(({ kind }) => kind === 'fn')) {
      proof.doubt(at, line, 'hands on an object that holds functions');
    }
  }
}

/** True for a name that may stand for a function. */
function isFunctionNode(proof: Proof, value: Value): boolean {
  if (value.kind !== 'node') return false;
  const kind = proof.nodeAt(value.node)?.kind;
  if (kind === 'function') return true;
  return (
    (kind === 'value' || kind === 'statement') &&
    proof.valueOf(value.node).kind !== 'data' &&
    !isObject(proof, value.node)
  );
}

function isObject(proof: Proof, node: number): boolean {
  const value = proof.valueOf(node);
  return value.kind === 'any' && value.type !== undefined;
}

/** Follows a call of a method. */
export function callMethod(proof: Proof, at: Activation, on: Value, name: string, call: Call): Value {
  return dropped(proof, at, callKnownMethod(proof, at, on, name, call), call);
}

function callKnownMethod(proof: Proof, at: Activation, on: Value, name: string, call: Call): Value {
  const with_ = { ...call, self: on };
  switch (on.kind) {
    case 'data':
      return name === 'constructor' ? proof.doubt(at, call.line, 'constructor') : callText(proof, at, name, call);
    case 'made':
      return callBuiltin(proof, at, on, on.type, name, call);
    case 'fn':
      return /^(call|apply|bind)$/.test(name)
        ? callValue(proof, at, on, { ...call, args: [], self: ANY, isNew: false })
        : proof.doubt(at, call.line, `calls ${name}`);
    case 'global':
      return callGlobal(proof, at, `${on.path}.${name}`, call);
    case 'instance':
      return callMember(proof, at, on.type, name, false, with_);
    case 'either':
      return oneOf(on.options.map((each) => callMethod(proof, at, each, name, call)));
    case 'node':
      return callOnNode(proof, at, on.node, name, with_);
    default:
      if (on.from) return callPackage(proof, at, name === 'register' ? { ...on.from, listed: false } : on.from, call);
      return callBuiltin(proof, at, on, on.type, name, call);
  }
}

/** A method of a string, number or other primitive. */
function callText(proof: Proof, at: Activation, name: string, call: Call): Value {
  for (const each of call.args) {
    const value = each.kind === 'node' ? proof.valueOf(each.node) : each;
    // Searching with a shared expression moves its position.
    if (value.kind === 'any' && value.type === 'regexp') write(proof, at, each, CONTENT, call.line);
  }
  if (/^replace/.test(name)) runAll(proof, at, call);
  seeAll(proof, at, call, 'String');
  return name === 'split' ? { kind: 'made', at, type: 'array', parts: [] } : DATA;
}

/** Methods of sets that call `has` and `keys` of what they are given. */
const SET_LIKE = /^(union|intersection|difference|symmetricDifference|is(Subset|Superset)Of)$/;

function isSet(proof: Proof, value: Value): boolean {
  const known = value.kind === 'node' ? proof.valueOf(value.node) : value;
  return (known.kind === 'any' || known.kind === 'made') && known.type === 'set';
}

function callBuiltin(
  proof: Proof,
  at: Activation,
  on: Value,
  type: Parameters<typeof methodOf>[0],
  name: string,
  call: Call,
): Value {
  const effect = methodOf(type, name);
  if (!effect || type === undefined) return proof.doubt(at, call.line, `calls ${name} of an object that is not known`);
  if (/^(map|filter|find\w*|some|every|reduce\w*|forEach|flatMap|sort|toSorted|then|catch|finally)$/.test(name)) {
    runCallbacks(proof, at, name === 'forEach' ? { ...call, isUsed: false } : call);
  }
  seeAll(proof, at, call, name);
  if (SET_LIKE.test(name) && !call.args.every((each) => isSet(proof, each))) {
    proof.doubt(at, call.line, `${name} may call methods of what it is given`);
  }
  if (
    proof.hidden.onUse() &&
    /^(join|concat|flat|toString|toLocaleString|sort|toSorted|toJSON|test|exec)$/.test(name)
  ) {
    proof.doubt(at, call.line, `${name} may run conversions`);
  }
  if (effect === 'changes') write(proof, at, on, CONTENT, call.line);
  const made = madeBy(type, name);
  if (made === 'data') return DATA;
  return made ? { kind: 'made', at, type: made, parts: [] } : ANY;
}

/** Runs the callback of a method; one that is not known may be a function that changes anything. */
function runCallbacks(proof: Proof, at: Activation, call: Call): void {
  const [callback] = call.args;
  if (callback && callback.kind !== 'data') {
    const { isUsed, line } = call;
    callValue(proof, at, callback, { args: [], self: ANY, isUsed, isNew: false, line });
  }
}

function callOnNode(proof: Proof, at: Activation, number: number, name: string, call: Call): Value {
  const node = proof.nodeAt(number);
  proof.outcome.relies.add(methodKey(number, name));
  switch (node?.kind) {
    case 'class':
      return callMember(proof, at, number, name, true, call);
    case 'framework':
      return ANY;
    case 'package': {
      const { module = '', name: exported = '' } = node.external ?? {};
      return callPackage(proof, at, originOf(proof, module, `${exported}.${name}`), call);
    }
    case 'builtin':
    case 'missing':
    case 'file':
    case 'namespace':
    case undefined:
      return proof.doubt(at, call.line, `calls ${name} of ${node?.label ?? 'an unknown name'}`);
    case 'function':
      if (!/^(call|apply|bind)$/.test(name) || node.reassigned) return proof.doubt(at, call.line, `calls ${name}`);
      return callNode(proof, at, number, { ...call, args: [], self: ANY });
    default: {
      const value = proof.valueOf(number);
      if (value.kind === 'data') return callText(proof, at, name, call);
      if (value.kind === 'any' && value.type) {
        return callBuiltin(proof, at, { kind: 'node', node: number }, value.type, name, call);
      }
      const isItself = value.kind === 'node' && value.node === number;
      if (!isItself) return callMethod(proof, at, value, name, call);
      return addListener(proof, number, name, call) ?? proof.doubt(at, call.line, `calls ${name} of ${node?.label}`);
    }
  }
}

/** Follows what a decorator returned. Code that takes its place runs with arguments of which nothing is known. */
export function callReplacement(proof: Proof, at: Activation, by: Value, line: number): void {
  const isItself = by.kind === 'made' && by.type === 'class' && by.at.live;
  if (by.kind === 'data' || isItself) return;
  if (by.kind === 'either') for (const each of by.options) callReplacement(proof, at, each, line);
  else if (by.kind === 'fn' || isFunctionNode(proof, by)) {
    callValue(proof, at, by, { args: [], self: ANY, isUsed: true, isNew: false, line });
  } else proof.doubt(at, line, 'uses what a decorator returns');
}
