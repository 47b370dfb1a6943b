import { writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { ageHeartbeats } from '../../support/heartbeats.ts';
import { Project, pause, type RunEventLine } from '../../support/project.ts';

/** Number of instants to try; CI tries more. */
const KILLS = Number(process.env.VARVE_KILLS ?? 5);
/** Approximate time of the run below, ms. */
const SPAN_MS = 1_600;
const FLOW = `import { Flow, step, type View } from 'varve';
export default class Work extends Flow {
  items = Array.from({ length: 300 }, (_, i) => i);
  small!: number;
  large!: Uint8Array;
  total!: number;
  @step({ foreach: 'items' })
  async work(i: number) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    this.small = i * 7;
    this.large = new Uint8Array(20_000).fill(i % 251);
  }
  @step({ join: 'work' })
  sum(tasks: readonly View<Work>[]) { this.total = tasks.reduce((t, task) => t + task.small, 0); }
}
`;
/** Reads all results of a run through the client, and prints violations. */
const READER = `import { client } from 'varve';
const { run, announced } = JSON.parse(process.env.WHAT);
const view = await client('Work').run(run);
const wrong = [];
for (const name of announced) {
  const task = view.task(name);
  if (task.status !== 'succeeded') wrong.push(name + ' is ' + task.status);
  const i = Number(/\\d+/.exec(name)?.[0] ?? -1);
  if (name.startsWith('work') && (task.artifacts.small !== i * 7 || task.artifacts.large.some((b) => b !== i % 251))) wrong.push(name + ' reads wrong');
}
console.log(JSON.stringify({ status: view.status, known: view.tasks().filter((t) => t.status === 'succeeded').length, wrong }));
`;

interface Killed {
  readonly afterMs: number;
  readonly announced: number;
  readonly known: number;
  readonly before: string;
  readonly after: string;
}

it(`a run killed at ${KILLS} instants keeps every task it has announced`, async () => {
  const project = new Project({ 'work.ts': FLOW, 'read.mjs': READER });
  const table: Killed[] = [];
  for (let kill = 0; kill < KILLS; kill++) table.push(await killAt(project, kill + 1, (kill * SPAN_MS) / KILLS));
  const lines = table.map((row) => JSON.stringify(row)).join('\n');
  if (process.env.VARVE_KILLS_TABLE) writeFileSync(process.env.VARVE_KILLS_TABLE, `${lines}\n`);
  const interrupted = table.filter((row) => row.before !== 'succeeded');
  expect(interrupted.length, lines).toBeGreaterThan(0);
  // On Linux it is known at once that the process has ended, elsewhere when its heartbeats are missing.
  const before = process.platform === 'linux' ? 'lost' : 'running';
  expect(interrupted.map((row) => [row.before, row.after])).toEqual(interrupted.map(() => [before, 'lost']));
}, 300_000);

/** Kills the process group of a run some time after its first event, then reads its results. */
async function killAt(project: Project, number: number, afterMs: number): Promise<Killed> {
  const started = project.start(['run', 'work.ts', '--json', '--cache', 'off']);
  while (!started.output.stdout.includes('run-started') && started.child.exitCode === null) await pause(5);
  await pause(afterMs);
  if (started.child.pid !== undefined && started.child.exitCode === null) process.kill(-started.child.pid, 'SIGKILL');
  const { stdout } = await started.ended;
  const events = stdout.split('\n').flatMap((line) => parseWhole(line));
  const tasks = events.filter((event) => event.type === 'task-ended').map((event) => String(event.task));
  const before = await readBack(project, number, tasks);
  expect(before.wrong).toEqual([]);
  expect(before.known).toBeGreaterThanOrEqual(tasks.length);
  ageHeartbeats(project.store);
  const after = await readBack(project, number, tasks.slice(0, 3));
  return { afterMs, announced: tasks.length, known: before.known, before: before.status, after: after.status };
}

/** Ignores the last line of a killed process, which may be cut. */
function parseWhole(line: string): RunEventLine[] {
  try {
    return [JSON.parse(line) as RunEventLine];
  } catch {
    return [];
  }
}

async function readBack(project: Project, number: number, tasks: readonly string[]) {
  const { stdout, stderr } = await project.node('read.mjs', {
    WHAT: JSON.stringify({ run: number, announced: tasks }),
  });
  expect(stderr).toBe('');
  return JSON.parse(stdout) as { status: string; known: number; wrong: string[] };
}
