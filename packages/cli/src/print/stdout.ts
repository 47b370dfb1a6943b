export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Prints one JSON document, with the version of its schema. */
export function printJson(document: object): void {
  process.stdout.write(`${JSON.stringify({ v: 1, ...document }, null, 2)}\n`);
}

/** Streams bytes to stdout and waits for a slow reader, so that a large file is never in memory as a whole. */
export async function printBytes(content: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const chunk of content) {
    if (!process.stdout.write(chunk))
      await new Promise<void>((resolve) => process.stdout.once('drain', () => resolve()));
  }
}

/**
 * Sends to stderr what a flow's file prints while it is loaded in this thread, so that stdout carries only the result
 * of the command.
 */
export async function withStdoutOnStderr<T>(work: () => Promise<T>): Promise<T> {
  const { write } = process.stdout;
  process.stdout.write = process.stderr.write.bind(process.stderr);
  try {
    return await work();
  } finally {
    process.stdout.write = write;
  }
}
