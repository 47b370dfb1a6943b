import { expect, it } from 'vitest';
import { artifact } from '../../src/flow/authoring/artifact-source.ts';

it.each([
  ['out/model.bin', 'a string'],
  [new Uint8Array(2), 'a Uint8Array'],
  [[1, 2], 'an Array'],
  [null, 'null'],
  [undefined, 'undefined'],
])('says what artifact.stream() was given instead of a stream: %s', (given, named) => {
  expect(() => artifact.stream(given as never)).toThrow(
    expect.objectContaining({ code: 'VARVE_NOT_A_STREAM', message: expect.stringContaining(`was given ${named},`) }),
  );
});
