import { dirname } from 'node:path';
import type { ModuleGraph } from '@varve/core/contract';
import { projectPath } from '../link/modules.ts';

/** The compiler options that change what code does, in a normal form. */
export function emitOptions(emit: ModuleGraph['emit']): Readonly<Record<string, unknown>> {
  const { target, useDefineForClassFields, experimentalDecorators, emitDecoratorMetadata, ...rest } = emit;
  const jsx = Object.fromEntries(Object.entries(rest).filter(([name]) => name.startsWith('jsx')));
  return {
    ...jsx,
    define: useDefineForClassFields ?? definesByDefault(target),
    legacyDecorators: experimentalDecorators === true,
    decoratorMetadata: emitDecoratorMetadata === true,
  };
}

/** The names that people write. */
const NAMES: Readonly<Record<string, string>> = {
  define: 'useDefineForClassFields',
  legacyDecorators: 'experimentalDecorators',
  decoratorMetadata: 'emitDecoratorMetadata',
};

/** The same, of the entry and of files that have options of their own, by the names that people write. */
export function namedOptions({ emit, modules, root }: ModuleGraph): Readonly<Record<string, string>> {
  const places = new Map([['', emit]]);
  for (const each of modules) if (each.emit) places.set(` for ${projectPath(root, dirname(each.path))}/`, each.emit);
  const named = [...places].flatMap(([place, own]) =>
    Object.entries(emitOptions(own)).map(([name, value]) => [
      `${NAMES[name] ?? name}${place}`,
      JSON.stringify(value) ?? '',
    ]),
  );
  return Object.fromEntries(named.sort(([a = ''], [b = '']) => (a < b ? -1 : 1)));
}

/** Fields are defined, not assigned, from ES2022 on and without a target. */
function definesByDefault(target: unknown): boolean {
  if (typeof target !== 'string') return true;
  const name = target.toLowerCase();
  return name === 'esnext' || Number(/^es(\d{4})$/.exec(name)?.[1] ?? 0) >= 2022;
}
