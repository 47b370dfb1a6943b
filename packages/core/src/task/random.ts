/** Outputs that sfc32 is run for before it is used, as its author does. */
const WARM_UP = 15;

/**
 * Numbers in [0, 1) that depend on nothing but the seed (hex). The generator is sfc32 by Chris Doty-Humphrey, from
 * PractRand (public domain); two outputs make the 53 bits of one number.
 */
export function createRandom(seed: string): () => number {
  const word = (i: number) => Number.parseInt(seed.slice(i * 8, i * 8 + 8).padEnd(8, '0'), 16) | 0;
  let [a, b, c, counter] = [word(0), word(1), word(2), word(3)];
  const next = (): number => {
    const out = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + out;
    return out >>> 0;
  };
  for (let i = 0; i < WARM_UP; i++) next();
  return () => ((next() >>> 5) * 2 ** 26 + (next() >>> 6)) / 2 ** 53;
}
