import { costOf, show, spread, VARVE } from './measure.mjs';
import { freshProject } from './project.mjs';

/** Measures the wall time of three equal CPU loops in a foreach: as many workers as cores against one worker. */
const FLOW = `import { Flow, step } from 'varve';
export default class Loops extends Flow {
  items = [1, 2, 3];
  sum!: number;
  @step({ foreach: 'items' }) burn(seed: number) {
    let x = seed;
    for (let i = 0; i < 400_000_000; i++) x = (x * 1103515245 + 12345) & 0x7fffffff;
    this.sum = x;
  }
}
`;
const parallel = [];
const serial = [];
for (let round = 0; round < 5; round++) {
  const cwd = freshProject({ 'loops.ts': FLOW });
  parallel.push((await costOf([VARVE, 'run', 'loops.ts'], { cwd })).wallMs);
  serial.push((await costOf([VARVE, 'run', 'loops.ts', '--workers', '1'], { cwd })).wallMs);
}
const ratio = spread(parallel.map((ms, i) => ms / (serial[i] ?? Number.NaN)));
console.log(
  `3 equal loops, wall ms: all cores ${show(spread(parallel))}, one worker ${show(spread(serial))}, ratio ${show(ratio, 2)}`,
);
