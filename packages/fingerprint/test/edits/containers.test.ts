import { flow } from '../project.ts';
import { edit, runScenario } from './scenario.ts';

const REGISTRY = `export const list: unknown[] = [];
export const table = new Map<string, unknown>();
export const kept: Record<string, unknown> = {};
export const named = (name: string) => (method: unknown, _: unknown) => { list.push(name); table.set(name, method); };
export const size = () => list.length;
export const last = (name: string) => { table.delete(name); return list.at(-1); };`;
const REGISTERS = `import { named } from './registry.ts';
export class Other { @named('x') x() { return 1; } @named('y') y() { return 2; } }`;

runScenario({
  name: 'who only puts something into a container does not see what others put into it',
  files: {
    'flow.ts': flow(
      `import { Mine } from './mine.ts';\nimport { list, size, last } from './registry.ts';\nimport './other.ts';`,
      `  a!: unknown;
  @step() uses() { this.a = new Mine().m(); }
  @step() puts() { list.push('task'); this.a = 1; }
  @step() counts() { list.push('task'); this.a = size(); }
  @step() gets() { this.a = last('x'); }
  @step() takes() { this.a = list.push('task'); }
  @step() plain() { this.a = 1; }`,
    ),
    'registry.ts': REGISTRY,
    'mine.ts': `import { named } from './registry.ts';\nexport class Mine { @named('m') m() { return 1; } }`,
    'other.ts': REGISTERS,
  },
  edits: [
    edit('the body of a method that another file registers', ['counts', 'gets', 'takes'], {
      'other.ts': [['return 2', 'return 3']],
    }),
    edit('the name under which it is registered', ['counts', 'gets', 'takes'], { 'other.ts': [["'y'", "'z'"]] }),
    edit('one more that is registered', ['counts', 'gets', 'takes'], {
      'other.ts': [['return 2; }', "return 2; } @named('z') z() {}"]],
    }),
    edit('a method that the step calls', ['uses', 'counts', 'gets', 'takes'], {
      'mine.ts': [['return 1', 'return 2']],
    }),
    edit('the list is emptied by its length', ['uses', 'puts', 'counts', 'gets', 'takes'], {
      'other.ts': `import { list } from './registry.ts';\n${REGISTERS}\nlist.length = 0;`,
    }),
    edit('the list is closed', 'all', {
      'other.ts': `import { list } from './registry.ts';\n${REGISTERS}\nObject.seal(list);`,
    }),
    edit('its method is replaced', 'all', {
      'other.ts': `import { list } from './registry.ts';\n${REGISTERS}\nlist.push = () => 0;`,
    }),
    edit('the decorator looks at it', ['uses', 'counts', 'gets', 'takes'], {
      'registry.ts': [['list.push(name);', "if (list.length > 9) throw new Error('full'); list.push(name);"]],
    }),
  ],
});

runScenario({
  name: 'a decorator that looks at the list sees what others put into it',
  files: {
    'flow.ts': flow(
      `import { Mine } from './mine.ts';\nimport './other.ts';`,
      `  a!: unknown;
  @step() uses() { this.a = new Mine().m(); }
  @step() plain() { this.a = 1; }`,
    ),
    'registry.ts': REGISTRY.replace('list.push(name);', 'list.push(list.length);'),
    'mine.ts': `import { named } from './registry.ts';\nexport class Mine { @named('m') m() { return 1; } }`,
    'other.ts': REGISTERS,
  },
  edits: [edit('a method that another file registers', ['uses'], { 'other.ts': [['return 2', 'return 3']] })],
});

const BELL = `import { EventEmitter } from 'node:events';
export const bell = new EventEmitter();
export class Bus extends EventEmitter { label = 'bus'; }
export const bus = new Bus();
bell.on('ask', (got) => { got.v = 1; }).once('ask', () => {});`;

runScenario({
  name: 'an emitter and its listeners belong to the steps that name it',
  files: {
    'flow.ts': flow(
      `import { bell, bus } from './bell.ts';\nimport './more.ts';`,
      `  a!: unknown;
  @step() rings() { const got = { v: 0 }; bell.emit('ask', got); this.a = got.v; }
  @step() names() { this.a = bus.label; }
  @step() plain() { this.a = 1; }`,
    ),
    'bell.ts': BELL,
    'more.ts': `import { bell } from './bell.ts';\nbell.addListener('other', (got) => { got.v = 2; });`,
  },
  edits: [
    edit('a listener', ['rings'], { 'bell.ts': [['got.v = 1', 'got.v = 3']] }),
    edit('a listener of another file', ['rings'], { 'more.ts': [['got.v = 2', 'got.v = 3']] }),
    edit('what a class of emitters has', ['names'], { 'bell.ts': [["'bus'", "'tram'"]] }),
    edit('a listener of an event whose name is computed', 'all', { 'more.ts': [["'other'", "['other'].join()"]] }),
    edit('a listener of new listeners', 'all', { 'more.ts': [["'other'", "'newListener'"]] }),
    edit('it is rung while files are loaded', 'all', {
      'more.ts': [['bell.addListener', "bell.emit('ask', {});\nbell.on"]],
    }),
    edit('its method is replaced', 'all', { 'more.ts': [['bell.addListener', 'bell.on = () => bell;\nbell.on']] }),
  ],
});
