import type { ModuleGraph } from '@varve/core/contract';

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

/** Fields are defined, not assigned, from ES2022 on and without a target. */
function definesByDefault(target: unknown): boolean {
  if (typeof target !== 'string') return true;
  const name = target.toLowerCase();
  return name === 'esnext' || Number(/^es(\d{4})$/.exec(name)?.[1] ?? 0) >= 2022;
}
