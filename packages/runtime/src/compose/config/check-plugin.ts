import { CONTRACT, coreOf, isPlugin, type Kind, type Plugin } from '@varve/core/contract';
import { missingMembers } from '@varve/core/internal';
import { nameOfCopy, ownCore } from './core-copies.ts';
import { describeValue, isClass, isPromise, type Mistake, type Place } from './mistake.ts';

/** The mistakes of a value in the slot of this kind; none when it can serve. */
export function checkPlugin(kind: Kind, value: unknown, { path, name }: Place): Mistake[] {
  const mistake = (code: string, message: string, hint: string): Mistake[] => [{ code, message, hint, path }];
  if (typeof value === 'function' && !isClass(value)) {
    const hint = `Did you forget to call it, as in ${value.name || 'store'}()?`;
    return mistake('VARVE_PLUGIN_NOT_CALLED', `${name} is a function, not a plugin`, hint);
  }
  if (!isPlugin(value)) {
    const message = `${name} is not a plugin: it is ${describeValue(value)}`;
    return mistake('VARVE_NOT_A_PLUGIN', message, wayToPlugin(kind, value));
  }
  const fault = faultOfSpec(kind, value);
  if (fault !== undefined) return mistake('VARVE_NOT_A_PLUGIN', `${name}: ${fault}`, SPEC);
  if (value.provides[kind] === undefined) {
    const offers = Object.keys(value.provides);
    const hint = `It provides: ${offers.join(', ') || 'nothing'}.${offers.length === 1 ? ` Write it under ${offers[0]}.` : ''}`;
    return mistake('VARVE_PLUGIN_KIND', `${name}: plugin ${value.name} does not provide a ${kind}`, hint);
  }
  if (versionOf(kind, value) === CONTRACT[kind]) return [];
  return mistake('VARVE_PLUGIN_VERSION', `${name}: ${builtFor(kind, value)}`, wayToVersion(kind, value));
}

const SPEC = "A plugin is made by definePlugin({ name: '…', provides: { datastore: (context) => … } }).";

/** What `definePlugin` was given that nobody can use. */
function faultOfSpec(kind: Kind, plugin: Plugin<Kind>): string | undefined {
  const { name, provides } = plugin as { readonly name: unknown; readonly provides: unknown };
  if (typeof name !== 'string' || name === '') return 'the plugin has no name';
  if (typeof provides !== 'object' || provides === null) return `plugin ${name} says nothing of what it provides`;
  const made = (provides as Readonly<Record<string, unknown>>)[kind];
  if (made === undefined || typeof made === 'function') return undefined;
  return `plugin ${name} provides ${describeValue(made)} as its ${kind}, not a function that makes one`;
}

function wayToPlugin(kind: Kind, value: unknown): string {
  if (isPromise(value)) return `Write await before it: ${kind}: await …`;
  if (Array.isArray(value)) {
    const more = kind === 'serializer' || kind === 'hasher' ? ' Others that only read go into readers.' : '';
    return `A slot takes one plugin: choose one, or have each in a profile of its own.${more}`;
  }
  if (isClass(value)) return wrap(kind, `new ${value.name}()`);
  if (missingMembers(kind, value).length === 0) return `It is the ${kind} itself. ${wrap(kind, '…')}`;
  if (typeof value === 'object' && value !== null && 'provides' in value)
    return 'It looks like a plugin, yet definePlugin has not made it. A copy like { ...plugin } is none.';
  return 'Plugins are made with definePlugin from @varve/core/contract.';
}

function wrap(kind: Kind, made: string): string {
  return `Make a plugin of it: definePlugin({ name: '…', provides: { ${kind}: () => ${made} } }), from @varve/core/contract.`;
}

function builtFor(kind: Kind, plugin: Plugin<Kind>): string {
  const theirs = versionOf(kind, plugin);
  const built = theirs === undefined ? 'before there was a' : `for version ${theirs} of the`;
  return `plugin ${plugin.name} was built ${built} ${kind} contract, this varve has version ${CONTRACT[kind]}`;
}

function wayToVersion(kind: Kind, plugin: Plugin<Kind>): string {
  const theirs = versionOf(kind, plugin);
  const isNewer = theirs !== undefined && theirs > CONTRACT[kind];
  const core = coreOf(plugin);
  const copies =
    core === undefined || core === ownCore()
      ? ''
      : ` It uses ${nameOfCopy(core)}; varve uses ${nameOfCopy(ownCore())}.`;
  return `${isNewer ? 'Update varve.' : `Update ${plugin.name}.`}${copies}`;
}

/** A plugin of an early version may say nothing of its contract. */
function versionOf(kind: Kind, { contract }: Partial<Plugin<Kind>>): number | undefined {
  return contract?.[kind];
}
