import { expect, it } from 'vitest';
import { expectCode, Project } from '../../support/project.ts';

it('a step that returns a value is told once that it is dropped, and how to keep it', async () => {
  const project = new Project({
    'returns.ts': `import { Flow, step } from 'varve';
export default class Returns extends Flow {
  items = [1, 2, 3]; kept!: number;
  // @ts-expect-error
  @step({ foreach: 'items' }) each(n: number) { return n * 2; }
  // @ts-expect-error
  @step() async load() { return [1]; }
  @step() nothing() { return undefined; }
  @step() async keeps() { this.kept = 1; return; }
}
`,
  });
  const { stderr } = expectCode(await project.varve(['run', 'returns.ts']), 0);
  const said = stderr.split('\n').filter((line) => line.includes('returned'));
  expect(said).toHaveLength(2);
  const [first, other] = ['each (returns.ts:5)', 'load (returns.ts:7)'].toSorted((a) =>
    said[0]?.includes(a) ? -1 : 1,
  );
  expect(said[0]).toContain(
    `${first} returned a value, which is dropped: assign it to a field instead, this.result = …`,
  );
  expect(said[1]).toContain(`${other} returned values, which are dropped, too`);
});
