import { compare, costOf, show, VARVE } from './measure.mjs';
import { freshProject } from './project.mjs';

/** Measures the cost of starting: `varve --help`, `varve list` and a flow of two steps, each next to an empty Node. */
const FLOW = `import { Flow, step } from 'varve';
export default class Two extends Flow {
  x!: number;
  y!: number;
  @step() first() { this.x = 1; }
  @step({ after: 'first' }) second() { this.y = this.x + 1; }
}
`;
const cwd = freshProject({ 'two.ts': FLOW, 'empty.js': '' });
const empty = () => costOf(['empty.js'], { cwd });
const commands = { 'varve --help': ['--help'], 'varve run, 2 steps': ['run', 'two.ts'], 'varve list': ['list'] };

console.log('CPU ms, median (min-max) of 7, interleaved with an empty node');
for (const [name, args] of Object.entries(commands)) {
  const result = await compare(7, () => costOf([VARVE, ...args], { cwd }), empty);
  console.log(
    `${name.padEnd(20)} ${show(result.ours)}  empty node ${show(result.theirs)}  ratio ${show(result.ratio, 2)}  wall ${show(result.wall)} ms`,
  );
}
