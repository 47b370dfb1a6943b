import { expect, it } from 'vitest';
import { artifact } from '../../src/flow/authoring/artifact-source.ts';

it.each([
  ['out/model.bin', 'a string'],
  [new Uint8Array(2), 'a Uint8Array'],
  [[1, 2], 'an Array'],
  [null, 'null'],
  [undefined, 'undefined'],
])('artifact.stream() names a value that is no stream: %s', (value, named) => {
  expect(() => artifact.stream(value as never)).toThrow(
    expect.objectContaining({ code: 'VARVE_NOT_A_STREAM', message: expect.stringContaining(`was given ${named},`) }),
  );
});
