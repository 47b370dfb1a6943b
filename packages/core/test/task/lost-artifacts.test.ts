import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freshFolder } from '@varve/test-support';
import { describe, expect, it } from 'vitest';
import type { Reference, TaskSpec } from '../../src/contract/index.ts';
import { artifact, type StoredDir, type StoredFile } from '../../src/flow/authoring/artifact-source.ts';
import { Flow } from '../../src/flow/authoring/flow.ts';
import { step } from '../../src/flow/authoring/step.ts';
import { ArtifactError } from '../../src/store/artifacts/artifact-error.ts';
import { TaskReads } from '../../src/task/attempt/task-reads.ts';
import { fromWire, toWire } from '../../src/task/remote/calls.ts';
import { setUpValues, specWith } from './fake-blobs.ts';
import { attempt } from './run-attempt.ts';

class Losing extends Flow {
  items!: number[];
  rows!: number[];
  file!: StoredFile;
  folder!: StoredDir;
  out!: unknown;

  @step()
  plain() {
    this.out = this.rows;
  }
  @step()
  swallow() {
    try {
      this.out = this.rows;
    } catch {
      this.out = 'a fallback';
    }
  }
  @step()
  wrap() {
    try {
      this.out = this.rows;
    } catch (error) {
      throw new Error('no rows', { cause: error });
    }
  }
  @step({ after: 'plain', foreach: 'items' })
  each(item: number) {
    this.out = item;
  }
  @step()
  text() {
    this.out = this.file.text();
  }
  @step()
  async stream() {
    for await (const chunk of this.file.stream()) this.out = chunk;
  }
  @step()
  inside() {
    this.out = this.folder.file('a.txt').bytes();
  }
  @step()
  path() {
    this.out = this.folder.path();
  }
  @step()
  other() {
    this.out = this.folder.file('none.txt');
  }
}

describe('an attempt that needs bytes which are lost', () => {
  const lose = async (step: string, spec: (reference: Reference) => Partial<TaskSpec>) => {
    const { blobs, values } = setUpValues();
    const reference = blobs.add([1, 2]);
    blobs.lost.add(reference.digest);
    return { outcome: await attempt(Losing, values, step, spec(reference)), digest: reference.digest };
  };

  it.each<[string, (reference: Reference) => Partial<TaskSpec>]>([
    ['plain', (rows) => ({ inputs: { rows } })],
    ['each', (list) => ({ elements: [{ list, index: 0, label: '1' }], isForeach: true })],
  ])('fails and names them: step %s', async (step, spec) => {
    const { outcome, digest } = await lose(step, spec);
    expect(outcome).toMatchObject({ ok: false, lost: digest, retryable: false });
    expect(outcome.ok || outcome.error.code).toBe('VARVE_MISSING_ARTIFACT');
  });

  it('fails also when the step catches the error, because its result would come from other inputs', async () => {
    const { outcome, digest } = await lose('swallow', (rows) => ({ inputs: { rows } }));
    expect(outcome).toMatchObject({ ok: false, lost: digest, error: { code: 'VARVE_MISSING_ARTIFACT' } });
  });

  it('names them when the step throws an error of its own instead', async () => {
    const { outcome, digest } = await lose('wrap', (rows) => ({ inputs: { rows } }));
    expect(outcome).toMatchObject({ ok: false, lost: digest, error: { message: 'no rows' } });
  });

  it('names none when the read failed for another reason', async () => {
    const { values } = setUpValues();
    const rows = { digest: 'sha256:00', size: 1, codec: 'json' };
    const outcome = await attempt(Losing, values, 'swallow', { inputs: { rows } });
    expect(outcome).toMatchObject({ ok: false, retryable: true, error: { message: 'sha256:00 is not stored' } });
    expect(outcome).not.toHaveProperty('lost');
  });
});

describe('a stored file or folder that is lost', () => {
  async function stored() {
    const { blobs, values } = setUpValues();
    const root = freshFolder();
    mkdirSync(join(root, 'out'));
    writeFileSync(join(root, 'out', 'a.txt'), 'A');
    const keep = async (source: unknown) => {
      const { reference, bytes } = await values.write(source);
      if (bytes) blobs.stored.set(reference.digest, bytes);
      return reference;
    };
    const file = await keep(artifact.file(join(root, 'out', 'a.txt')));
    const folder = await keep(artifact.dir(join(root, 'out')));
    return { blobs, values, file, folder };
  }

  it.each(['text', 'stream'])('is named by the digest of the file when the step reads its %s', async (step) => {
    const { blobs, values, file } = await stored();
    blobs.lost.add(file.digest);
    expect(await attempt(Losing, values, step, { inputs: { file } })).toMatchObject({ ok: false, lost: file.digest });
  });

  it.each(['inside', 'path'])('is named by the digest of the folder that a task made: step %s', async (step) => {
    const { blobs, values, file, folder } = await stored();
    // Its list is in the worker's memory already.
    values.read(folder);
    blobs.lost.add(step === 'inside' ? file.digest : folder.digest);
    const outcome = await attempt(Losing, values, step, { inputs: { folder } });
    expect(outcome).toMatchObject({ ok: false, lost: folder.digest });
  });

  it('is not reported for a misspelt file name', async () => {
    const { values, folder } = await stored();
    const outcome = await attempt(Losing, values, 'other', { inputs: { folder } });
    expect(outcome).toMatchObject({ ok: false, error: { code: 'VARVE_NO_SUCH_FILE' } });
    expect(outcome).not.toHaveProperty('lost');
  });
});

describe('values that are fetched ahead', () => {
  it('may be lost: only the read of the lost one fails, with its digest', () => {
    const { blobs, values } = setUpValues();
    const references = Array.from({ length: 300 }, (_, i) => blobs.add({ i }));
    const lost = references[150] as Reference;
    blobs.lost.add(lost.digest);
    const reads = new TaskReads(specWith({}), values, false);
    reads.prefetch(references);
    for (const [i, reference] of references.entries()) {
      const read = () => reads.viewedField(`[${i}].x`, reference);
      if (reference === lost) expect(read).toThrow(expect.objectContaining({ digest: lost.digest }));
      else expect(read()).toEqual({ i });
    }
    expect(blobs.reads.length).toBeLessThan(8);
  });

  it('are fetched one by one when many are lost', () => {
    const { blobs, values } = setUpValues();
    const references = Array.from({ length: 300 }, (_, i) => blobs.add({ i }));
    for (const reference of references.slice(100)) blobs.lost.add(reference.digest);
    const reads = new TaskReads(specWith({}), values, false);
    reads.prefetch(references);
    for (const [i, reference] of references.slice(0, 100).entries())
      expect(reads.viewedField(`[${i}].x`, reference)).toEqual({ i });
    expect(blobs.reads.length).toBeLessThan(110);
    expect(blobs.reads.flat().length).toBeLessThan(1500);
  });
});

describe('the error of a lost artifact', () => {
  it('keeps digest and key on its way to another thread', () => {
    const digest = `sha256:${'0'.repeat(64)}`;
    const error = new ArtifactError('VARVE_CORRUPT_ARTIFACT', 'damaged', { digest, key: 'cas/x', hint: 'again' });
    const arrived = fromWire(structuredClone(toWire(error)));
    expect(arrived).toBeInstanceOf(ArtifactError);
    expect(arrived).toMatchObject({ code: 'VARVE_CORRUPT_ARTIFACT', digest, key: 'cas/x', hint: 'again' });
  });
});
