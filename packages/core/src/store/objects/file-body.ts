import { closeSync, openSync, readSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import type { Body } from '../../contract/index.ts';

/** Bytes a chunk at most. */
const PIECE = 256 * 1024;
/** Bytes after which other work of the thread gets its turn. */
const TURN = 4 * 1024 * 1024;

/** The content of a file that is `size` bytes long, read anew each time it is opened. */
export function fileBody(file: string, size: number): Body {
  return { size, open: () => readPieces(file) };
}

/** A file from its start, in chunks of memory of their own. */
export async function* readPieces(file: string): AsyncGenerator<Uint8Array> {
  const fd = openSync(file, 'r');
  try {
    let turn = 0;
    for (;;) {
      const piece = new Uint8Array(PIECE);
      const count = readSync(fd, piece, 0, PIECE, null);
      if (count === 0) return;
      yield count === PIECE ? piece : piece.subarray(0, count);
      turn += count;
      if (turn >= TURN) {
        turn = 0;
        await setImmediate();
      }
    }
  } finally {
    closeSync(fd);
  }
}
