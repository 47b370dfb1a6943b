import { EventEmitter } from 'node:events';
import type { Duplex } from 'node:stream';
import { deserialize, serialize } from 'node:v8';
import type { Channel } from '@varve/core/worker';

/** Bytes of the length that goes before each message. */
const HEAD = 4;

/** Makes a channel of a stream: each message is its length, as four bytes, and then its bytes. */
export function channelOver(stream: Duplex): Channel {
  const messages = new EventEmitter();
  let held: Buffer[] = [];
  let size = 0;
  let wanted = HEAD;
  stream.on('data', (chunk: Buffer) => {
    held.push(chunk);
    size += chunk.length;
    if (size < wanted) return;
    let bytes = Buffer.concat(held);
    for (wanted = frameOf(bytes); bytes.length >= wanted; wanted = frameOf(bytes)) {
      messages.emit('message', deserialize(bytes.subarray(HEAD, wanted)));
      bytes = bytes.subarray(wanted);
    }
    [held, size] = [[bytes], bytes.length];
  });
  // The end of the other side is noticed by its exit.
  stream.on('error', () => {});
  return {
    postMessage(message) {
      const body = serialize(message);
      const head = Buffer.alloc(HEAD);
      head.writeUInt32BE(body.length);
      if (stream.writable) stream.write(Buffer.concat([head, body]));
    },
    on: (event, listener) => messages.on(event, listener),
  };
}

/** Bytes of the frame that begins here, or of its head when that is not there yet. */
function frameOf(bytes: Buffer): number {
  return bytes.length < HEAD ? HEAD : HEAD + bytes.readUInt32BE();
}
