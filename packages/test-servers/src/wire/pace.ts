import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** Bytes sent before the clock is looked at. */
const PIECE = 256 * 1024;

/** Sends a body to its end, at `pace` bytes a ms at the most; left out: as fast as it goes. */
export async function send(response: ServerResponse, body: Uint8Array, pace?: number): Promise<void> {
  if (pace !== undefined) {
    const started = performance.now();
    for (let sent = 0; sent < body.length && !response.destroyed; sent += PIECE) {
      await new Promise((resolve) => response.write(body.subarray(sent, sent + PIECE), resolve));
      const early = started + (sent + PIECE) / pace - performance.now();
      if (early > 1) await sleep(early);
    }
    response.end();
  } else response.end(body);
}
