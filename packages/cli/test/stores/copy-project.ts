import { GcsServer } from '@varve/test-servers/gcs';
import { S3Double } from '@varve/test-servers/s3';
import { expect } from 'vitest';
import { expectCode, Project, type Result } from '../support/project.ts';
import { envOf } from './bucket-project.ts';

/** Small and large artifacts, a folder, and a step that waits or fails as the project says. */
const FLOW = `import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { artifact, Flow, param, step, type StoredDir, type View } from 'varve';
export default class Team extends Flow {
  base = param.int(1);
  items = [0, 1, 2, 3];
  left!: number; large!: Uint8Array; total!: number; report!: string; folder!: StoredDir;
  @step({ foreach: 'items' }) each(item: number) {
    this.left = item * this.base;
    this.large = new Uint8Array(40_000 + item).fill(this.base);
  }
  @step({ join: 'each' }) async sum(tasks: readonly View<Team>[]) {
    this.total = tasks.reduce((sum, task) => sum + task.left, 0);
    mkdirSync('~OUT~', { recursive: true });
    writeFileSync('~OUT~/sum.txt', 'the sum is ' + this.total);
    this.folder = await artifact.dir('~OUT~');
  }
  @step({ after: 'sum' }) async end() {
    while (existsSync('~WAIT~')) await sleep(10);
    if (existsSync('~BROKEN~')) throw new Error('the disk of this machine is full');
    this.report = 'report of ' + this.total;
  }
}
`;

/** A checkout with the flow `Team`. `config` is the object of its config. */
export class CopyProject extends Project {
  constructor(
    private readonly bucket?: S3Double,
    config = '{}',
  ) {
    super();
    const flow = FLOW.replace('~WAIT~', this.path('~wait'))
      .replace('~BROKEN~', this.path('~broken'))
      .replaceAll('~OUT~', this.path('~out'));
    this.write('team.ts', flow);
    this.configure(config);
    this.write('~here', '');
  }

  /** Replaces the config. */
  configure(config: string): void {
    const imports = [
      ['fsStore', 'store-fs'],
      ['s3Store', 'store-s3'],
      ['gcsStore', 'store-gcs'],
      ['tiered', 'store-tiered'],
    ].map(([name, from]) => `import { ${name} } from '@varve/${from}';`);
    this.write('varve.config.mjs', `${imports.join('\n')}\nexport default ${config};\n`);
  }

  override start(...[args, env, options]: Parameters<Project['start']>): ReturnType<Project['start']> {
    const way = this.bucket ? envOf({ url: this.bucket.url, ...this.bucket.account }) : {};
    return super.start(args, { ...way, ...env }, options);
  }

  /** Runs `varve store copy … --json` and expects an exit code. */
  async copy(from: string, to: string, code = 0, ...more: readonly string[]): Promise<Copied & Result> {
    const result = expectCode(await this.varve(['store', 'copy', from, to, '--json', ...more]), code);
    return { ...(JSON.parse(result.stdout) as Copied), ...result };
  }
}

/** What `varve store copy --json` prints. */
export interface Copied {
  readonly runs: readonly { readonly flow: string; readonly number: number; readonly id: string }[];
  readonly copied: { readonly objects: number; readonly bytes: number };
  readonly skipped: { readonly objects: number; readonly bytes: number };
  readonly live: readonly { readonly number: number }[];
  readonly heldBack: readonly { readonly number: number }[];
  readonly notCopied: readonly { readonly code: string; readonly object: string; readonly runs: readonly string[] }[];
  readonly notes: readonly string[];
  readonly complete: boolean;
}

/** A run in `varve list --json`. */
export interface ListedRun {
  readonly record: { readonly flow: string; readonly number: number; readonly id: string };
}

/** Names of the runs in a store, newest first. */
export async function listed(project: Project, profile: string): Promise<string[]> {
  const { runs } = await project.json<{ runs: ListedRun[] }>('list', '--json', '--profile', profile);
  return runs.map(({ record }) => `${record.flow}/${record.number}`);
}

/** What users see of a store: its runs, their tasks, and every artifact. */
export async function viewOf(project: Project, profile: string): Promise<object> {
  const at = ['--profile', profile];
  const { runs } = await project.json<{ runs: ListedRun[] }>('list', '--json', ...at);
  const shown = [];
  for (const { record } of runs) {
    const { flow, number } = record;
    const run = `${flow}/${number}`;
    const tasks = await project.json<object>('show', run, '--json', ...at);
    const artifacts = expectCode(await project.varve(['artifacts', 'ls', run, '--json', ...at]), 0).stdout;
    const total = expectCode(await project.varve(['artifacts', 'get', run, 'total', ...at]), 0).stdout;
    shown.push({ run, tasks, artifacts: JSON.parse(artifacts) as unknown, total });
  }
  expect(shown.length).toBeGreaterThan(0);
  return { runs, shown };
}

/** Doubles of both services, closed after each test. */
export class Doubles {
  private readonly open: (() => Promise<void>)[] = [];

  async s3(): Promise<S3Double> {
    const double = await S3Double.start();
    this.open.push(() => double.close());
    return double;
  }

  async gcs(): Promise<GcsServer> {
    const server = await GcsServer.start();
    this.open.push(() => server.stop());
    return server;
  }

  async close(): Promise<void> {
    for (const close of this.open.splice(0)) await close();
  }
}
