type Stream = Pick<NodeJS.WriteStream, 'write'>;

/** Hands everything others write to these streams to `take`, until the returned function is called. */
export function shareStreams(streams: readonly Stream[], take: (text: string) => void): () => void {
  const originals = streams.map((stream) => {
    const { write } = stream;
    stream.write = ((chunk: string | Uint8Array, encoding?: unknown, callback?: unknown) => {
      take(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8'));
      const done = typeof encoding === 'function' ? encoding : callback;
      if (typeof done === 'function') queueMicrotask(done as () => void);
      return true;
    }) as Stream['write'];
    return () => {
      stream.write = write;
    };
  });
  return () => {
    for (const restore of originals) restore();
  };
}
