import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { costOf, show, spread, VARVE } from './measure.mjs';
import { freshProject } from './project.mjs';

/** Measures the cost of one trivial task: a foreach of N elements against one element, and against the bare loop. */
const FLOW = `import { Flow, param, step, type View } from 'varve';
export default class Fan extends Flow {
  n = param.int(1);
  items!: number[];
  y!: number;
  total!: number;
  @step() start() { this.items = Array.from({ length: this.n }, (_, i) => i); }
  @step({ after: 'start', foreach: 'items' }) work(i: number) { this.y = i * 2; }
  @step({ join: 'work' }) sum(tasks: readonly View<Fan>[]) { this.total = tasks.reduce((t, v) => t + v.y, 0); }
}
`;
const LOOP = `import { createHash } from 'node:crypto';
const n = Number(process.argv[2]);
let total = 0;
for (let i = 0; i < n; i++) {
  const bytes = JSON.stringify(i * 2);
  createHash('sha256').update(bytes).digest('hex');
  total += JSON.parse(bytes);
}
`;
const sizes = process.argv.slice(2).map(Number);
const rounds = 5;
for (const n of sizes.length > 0 ? sizes : [1_000, 10_000]) {
  const rows = [];
  for (let round = 0; round <= rounds; round++) {
    const cwd = freshProject({ 'fan.ts': FLOW, 'loop.mjs': LOOP });
    const many = await costOf([VARVE, 'run', 'fan.ts', '--n', String(n), '--quiet'], { cwd });
    const files = readdirSync(join(cwd, '.varve/store'), { recursive: true, withFileTypes: true }).filter((e) =>
      e.isFile(),
    ).length;
    const one = await costOf([VARVE, 'run', 'fan.ts', '--quiet'], { cwd });
    const loop = await costOf(['loop.mjs', String(n)], { cwd });
    if (round > 0)
      rows.push({ perTask: ((many.cpuMs - one.cpuMs) * 1000) / n, loop: (loop.cpuMs * 1000) / n, many, files });
  }
  console.log(
    `${n} elements: ${show(spread(rows.map((r) => r.perTask)))} us CPU a task (bare loop with JSON and sha256, node start included: ${show(spread(rows.map((r) => r.loop)))}), ` +
      `wall ${show(spread(rows.map((r) => r.many.wallMs)))} ms, peak ${show(spread(rows.map((r) => r.many.rssMb)))} MB, ${rows[0]?.files} files`,
  );
}
