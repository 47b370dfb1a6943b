import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ran, storeFiles } from '../../support/cached-run.ts';
import { Project } from '../../support/project.ts';

/** All bytes of the store, decompressed. */
function storeHolds(project: Project, text: string): string[] {
  return storeFiles(project).filter((file) => readFileSync(file).includes(text));
}

const hashes = (text: string) =>
  ['sha256', 'sha1', 'md5'].flatMap((name) => {
    const digest = createHash(name).update(text).digest();
    return [digest.toString('hex'), digest.toString('hex').slice(0, 32), digest.toString('base64')];
  });

describe('environment variables and secrets in cache keys', () => {
  const FLOW = `import { Flow, step } from 'varve';
import { region } from './region.ts';
export default class Env extends Flow {
  a!: number; b!: string; c!: number;
  @step() length() { this.a = (process.env.VARVE_TEST_TOKEN ?? '').length; }
  @step() where() { this.b = region(); }
  @step() plain() { this.c = 3; }
}
`;
  const FILES = {
    'env.ts': FLOW,
    'region.ts': `export const region = () => (process.env['VARVE_TEST_REGION'] ? 'set' : 'unset');\n`,
  };
  const TOKEN = 'tok-9f31c2-easily-guessed';

  it('a variable that a step reads is part of its key, but neither it nor its plain hash is in the store (scenario 19)', async () => {
    const project = new Project(FILES);
    const run = (env: Record<string, string>) => ran(project, ['env.ts'], { env });
    await run({ VARVE_TEST_TOKEN: TOKEN });
    for (const text of [TOKEN, Buffer.from(TOKEN).toString('base64'), ...hashes(TOKEN)])
      expect(storeHolds(project, text), text).toEqual([]);
    expect((await run({ VARVE_TEST_TOKEN: TOKEN })).counts).toEqual({ cached: 3 });
    const other = await run({ VARVE_TEST_TOKEN: `${TOKEN}!` });
    expect(other.status).toEqual({ length: 'succeeded', where: 'cached', plain: 'cached' });
    expect(other.why.length).toBe('ENV the variable VARVE_TEST_TOKEN changed');
    expect(await project.json('artifacts', 'get', '@last', 'a')).toBe(TOKEN.length + 1);
  });

  it('an unset variable differs from an empty one (scenario 19)', async () => {
    const project = new Project(FILES);
    await ran(project, ['env.ts'], { env: { VARVE_TEST_TOKEN: 'x' } });
    const empty = await ran(project, ['env.ts'], { env: { VARVE_TEST_TOKEN: 'x', VARVE_TEST_REGION: '' } });
    expect(empty.status.where).toBe('succeeded');
    expect(empty.why.where).toBe('ENV the variable VARVE_TEST_REGION changed');
  });

  it('a step that reads variables by computed names is cached by their values (scenario 19)', async () => {
    const project = new Project({
      'env.ts': `import { Flow, step } from 'varve';
export default class Computed extends Flow {
  name = 'VARVE_TEST_A'; a!: string;
  @step() look() { this.a = String(process.env[this.name]); }
}
`,
    });
    const look = (value: string) => ran(project, ['env.ts'], { env: { VARVE_TEST_A: value } });
    expect((await look('one')).status).toEqual({ look: 'succeeded' });
    expect((await look('one')).status).toEqual({ look: 'cached' });
    const { status, why } = await look('two');
    expect(status).toEqual({ look: 'succeeded' });
    expect(why.look).toBe('ENV the variable VARVE_TEST_A changed');
  });

  it('a secret is in no key: another value hits the same results, and neither value is in the store', async () => {
    const project = new Project({
      'secret.ts': `import { Flow, secret, step } from 'varve';
export default class Secretive extends Flow {
  key = secret('VARVE_TEST_SECRET'); a!: number; b!: string;
  @step() use() { this.a = this.key.length > 0 ? 1 : 0; console.log('key is', this.key); }
  @step() plain() { this.b = 'b'; }
}
`,
    });
    const first = await ran(project, ['secret.ts'], { env: { VARVE_TEST_SECRET: 'hunter2-hunter2' } });
    expect(first.counts).toEqual({ succeeded: 2 });
    const second = await ran(project, ['secret.ts'], { env: { VARVE_TEST_SECRET: 'correct-horse-battery' } });
    expect(second.counts).toEqual({ cached: 2 });
    for (const text of ['hunter2-hunter2', 'correct-horse-battery'].flatMap((one) => [one, ...hashes(one)]))
      expect(storeHolds(project, text), text).toEqual([]);
  });
});
