import { expect, it } from 'vitest';
import { flow, makeProject } from './project.ts';

const STATE = `export const state: any = { left: 0, list: [], inner: { v: 0 } };
export const table = new Map<string, number>();
export let level = 0;
export const setLevel = (n: number) => { level = n; };
export const alias = state;
export const getState = () => state;
export const put = (o: any, n: number) => { o.left = n; };
export const putIn = ({ on }: any, n: number) => { put(on, n); };
export const held = { table, on: state };
export class Store { static v = 0; static put(n: number) { Store.v = n; } n = 0; add() { this.n++; } get() { return this.n; } }
export const store = new Store();
export const [get, set] = ((v: any) => [() => v, (x: any) => { v = x; }] as const)(0);
export let kept: any;
export const fillOne = () => { kept ??= 1; };
export const fillTwo = () => { if (!kept) kept = 2; };
`;

/** Module state of steps `a` and `b` with these bodies. */
async function statesOf(a: string, b: string, top = '') {
  const project = makeProject({
    'flow.ts': flow(
      `import * as all from './state.ts';\nimport { state, table, level, setLevel, alias, getState, put, putIn, held, Store, store, get, set, kept, fillOne, fillTwo } from './state.ts';\n${top}`,
      `  x!: unknown; y!: unknown;\n  @step() a() { ${a} this.x = 1; }\n  @step({ after: 'a' }) b() { this.y = ${b}; }`,
    ),
    'state.ts': STATE,
  });
  const found = await project.fingerprint(['a', 'b']);
  return found.map(({ moduleState }) => moduleState);
}

it.each([
  ['assigns a property of', 'state.left = 1;', 'state.left', 'state'],
  ['assigns, by a local name, a property of', 'const s = state; s.left = 1;', 'state.left', 'state'],
  ['assigns, by another name of the module, a property of', 'alias.left = 1;', 'state.left', 'state'],
  ['assigns, by a namespace, a property of', 'all.state.left = 1;', 'state.left', 'state'],
  ['assigns a deep property of', 'const { inner } = state; inner.v = 1;', 'state.inner.v', 'state'],
  ['pushes to a list of', 'state.list.push(1);', 'state.list.length', 'state'],
  ['hands on', 'put(state, 1);', 'state.left', 'state'],
  ['hands on, in an object,', 'putIn({ on: state }, 1);', 'state.left', 'state'],
  ['changes, through a function that returns it,', 'getState().left = 1;', 'state.left', 'state'],
  ['changes, through an object that holds it,', 'held.on.left = 1;', 'state.left', 'state'],
  ['adds to', `table.set('a', 1);`, `table.get('a')`, 'table'],
  ['adds, through an object that holds it, to', `held.table.set('a', 1);`, `table.get('a')`, 'table'],
  ['assigns, in another module,', 'setLevel(1);', 'level', 'level'],
  ['assigns a static property of', 'Store.put(1);', 'Store.v', 'Store'],
  ['calls a method of', 'store.add();', 'store.get()', 'store'],
  ['calls a setter beside', 'set(1);', 'get()', 'get'],
  ['fills, as the other step does with another value,', 'fillOne();', '(fillTwo(), kept)', 'kept'],
])('is what another step %s', async (_, change, read, name) => {
  const [, b] = await statesOf(change, read);
  expect(b).toContain(`state.ts#${name}`);
});

it('is nothing to a step that only writes it', async () => {
  expect(await statesOf('state.left = 1;', 'state.left')).toEqual([[], ['state.ts#state']]);
});

it.each([
  ['another value is changed', 'state.left = 1;', `table.get('a')`],
  ['a copy is changed', 'const copy = { ...state }; copy.left = 1;', 'state.left'],
  ['it is only handed to a function that reads', 'read(state);', 'state.left'],
  ['a copy of a list is sorted', '[...rows].sort(); const more = [...rows]; more.push(1);', 'rows.length'],
  ['a result of a lookup does something', `find('a')?.run();`, `find('b')`],
])('is nothing where %s', async (_, change, read) => {
  const top = `const read = (o: any) => o.left;\nconst rows = [3, 1];\nconst registry = new Map<string, any>();\nregistry.set('a', { run: () => 1 });\nconst find = (name: string) => registry.get(name);\nvoid read; void rows; void find;`;
  const [, b] = await statesOf(change, read, top);
  expect(b).toEqual([]);
});

it('is nothing where both fill it alike', async () => {
  expect(await statesOf('fillOne();', '(fillOne(), kept)')).toEqual([[], []]);
});
