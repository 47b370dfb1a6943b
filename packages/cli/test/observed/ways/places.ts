import type { Row } from '../harness/row.ts';
import { looks } from './files.ts';

const READ = `return fs.readFileSync('$DIR/a.txt', 'utf8');`;
const place = (way: string, members: string, more: Partial<Row> = {}) =>
  looks('file', way, ['content'], READ, { members, ...more });

const VALUE = 'r_$ID!: unknown;';
const DECORATE = `function reading_$ID(method: any) {
  return async function (this: any, ...given: unknown[]) { this.r_$ID = await look_$ID(); return method.apply(this, given); };
}`;
const LOOK = `import { look as look_$ID } from './rows/$ID.ts';`;

/** Places of a flow from which a task can reach the same read. */
export const PLACE_ROWS: readonly Row[] = [
  place(
    'in each task of a foreach',
    `items_$ID = [1, 2]; ${VALUE}
  @step({ foreach: 'items_$ID' }) async $ID(n: number) { this.r_$ID = n + String(await look_$ID()); }`,
  ),
  place(
    'in one task of a foreach',
    `items_$ID = [1, 2]; ${VALUE}
  @step({ foreach: 'items_$ID' }) async $ID(n: number) { this.r_$ID = n === 1 ? await look_$ID() : n; }`,
  ),
  place(
    'in a join',
    `items_$ID = [1, 2]; e_$ID!: unknown; ${VALUE}
  @step({ foreach: 'items_$ID' }) each_$ID(n: number) { this.e_$ID = n; }
  @step({ join: 'each_$ID' }) async $ID(tasks: any) { this.r_$ID = tasks.length + String(await look_$ID()); }`,
  ),
  place(
    'in a step after two branches',
    `p_$ID!: unknown; q_$ID!: unknown; ${VALUE}
  @step() left_$ID() { this.p_$ID = 1; }
  @step() right_$ID() { this.q_$ID = 2; }
  @step({ after: ['left_$ID', 'right_$ID'] }) async $ID(_: any) { this.r_$ID = await look_$ID(); }`,
  ),
  place(
    'in a step whose result decides a when',
    `on_$ID!: boolean; ${VALUE}
  @step() async make_$ID() { this.on_$ID = String(await look_$ID()).includes('first: one'); }
  @step({ after: 'make_$ID', when: 'on_$ID' }) $ID() { this.r_$ID = 'done'; }`,
    { steps: ['make_$ID', '$ID'], reads: ['content'] },
  ),
  place(
    'in a getter of the flow',
    `${VALUE}
  get text_$ID() { return look_$ID(); }
  @step() async $ID() { this.r_$ID = await this.text_$ID; }`,
  ),
  place(
    'in a method of the flow',
    `${VALUE}
  text_$ID() { return look_$ID(); }
  @step() async $ID() { this.r_$ID = await this.text_$ID(); }`,
  ),
  place(
    'in a method by a computed name',
    `${VALUE}
  text_$ID() { return look_$ID(); }
  @step() async $ID() { this.r_$ID = await (this as any)[['text', '$ID'].join('_')](); }`,
  ),
  place(
    'in a static method',
    `${VALUE}
  static text_$ID() { return look_$ID(); }
  @step() async $ID() { this.r_$ID = await Table.text_$ID(); }`,
  ),
  place(
    'in a decorator of the step',
    `${VALUE}
  @step() @reading_$ID $ID() {}`,
    { top: `${LOOK}\n${DECORATE}` },
  ),
  place(
    'in the second attempt',
    `${VALUE}
  @step({ retry: 1 }) async $ID() { if (this.run.attempt === 1) throw new Error('once'); this.r_$ID = await look_$ID(); }`,
  ),
  place(
    'in the first of two attempts',
    `${VALUE}
  @step({ retry: 1 }) async $ID() { await look_$ID(); if (this.run.attempt === 1) throw new Error('once'); this.r_$ID = await look_$ID(); }`,
  ),
  place(
    'side by side',
    `${VALUE}
  @step() async $ID() { this.r_$ID = (await Promise.all([1, 2, 3].map(() => look_$ID()))).join(); }`,
  ),
  place(
    'in a microtask',
    `${VALUE}
  @step() async $ID() { this.r_$ID = await new Promise((done) => queueMicrotask(() => done(look_$ID()))); }`,
  ),
  place(
    'in a finally',
    `${VALUE}
  @step() async $ID() { try { await null; } finally { this.r_$ID = await look_$ID(); } }`,
  ),
  place(
    'in a catch',
    `${VALUE}
  @step() async $ID() { try { null!.x; } catch { this.r_$ID = await look_$ID(); } }`,
  ),
  place(
    'in a step that looks only if an artifact says so',
    `yes_$ID = true; ${VALUE}
  @step() async $ID() { this.r_$ID = this.yes_$ID ? await look_$ID() : 'no'; }`,
  ),
  looks('file', 'artifact.stream of a generator', ['content'], READ, {
    members: `${VALUE}
  @step() $ID() { this.r_$ID = artifact.stream((async function* () { yield String(await look_$ID()); })()); }`,
  }),
  looks('file', 'artifact.stream of a file', ['text'], `return fs.createReadStream('$DIR/b.txt');`, {
    members: `${VALUE}
  @step() async $ID() { this.r_$ID = artifact.stream((await look_$ID()) as any); }`,
  }),
  looks('file', 'artifact.file', ['text'], '', {
    members: `${VALUE}
  @step() $ID() { this.r_$ID = artifact.file('$DIR/b.txt'); }`,
  }),
  looks('file', 'artifact.file of a computed name', ['text'], '', {
    members: `${VALUE}
  @step() $ID() { this.r_$ID = artifact.file(['$DIR', 'b.txt'].join('/')); }`,
  }),
  looks('folder', 'artifact.dir', ['text', 'below'], '', {
    members: `${VALUE}
  @step() $ID() { this.r_$ID = artifact.dir('$DIR/sub'); }`,
  }),
];
