import type { SourceMap } from './source-map.ts';

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** The source that the character at `offset` of the generated code came from. */
export function originAt(map: SourceMap, code: string, offset: number): string | undefined {
  const before = code.slice(0, offset);
  const line = before.split('\n').length - 1;
  const column = offset - (before.lastIndexOf('\n') + 1);
  let source = 0;
  let origin: string | undefined;
  for (const [i, text] of map.mappings.split(';').entries()) {
    if (i > line) break;
    let generated = 0;
    for (const segment of text === '' ? [] : text.split(',')) {
      const [columns = 0, sources] = decode(segment);
      generated += columns;
      source += sources ?? 0;
      if (i < line || generated <= column) origin = map.sources[source];
    }
  }
  return origin;
}

/** Base 64 digits of 5 bits each, least significant first, the lowest bit of a number its sign. */
function decode(segment: string): readonly number[] {
  const numbers: number[] = [];
  let value = 0;
  let shift = 0;
  for (const digit of segment) {
    const bits = DIGITS.indexOf(digit);
    value += (bits & 31) << shift;
    shift += 5;
    if (bits & 32) continue;
    numbers.push(value & 1 ? -(value >> 1) : value >> 1);
    value = 0;
    shift = 0;
  }
  return numbers;
}
