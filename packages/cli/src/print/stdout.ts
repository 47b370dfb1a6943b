type Write = typeof process.stdout.write;

let reserved: { readonly own: Write; readonly others: Write; readonly before: Write } | undefined;

/** Takes back `reserveStdout`, for the next command line in the same process. */
export function releaseStdout(): void {
  if (reserved && process.stdout.write === reserved.others) process.stdout.write = reserved.before;
  reserved = undefined;
}

/** From now on stdout carries only what varve prints: what plugins and the user's code print there goes to stderr. */
export function reserveStdout(): void {
  if (reserved) return;
  const before = process.stdout.write;
  reserved = { own: before.bind(process.stdout), others: process.stderr.write.bind(process.stderr), before };
  process.stdout.write = reserved.others;
}

/** Writes to stdout itself, whatever has been put before it. */
export function writeStdout(content: string | Uint8Array): boolean {
  return reserved ? reserved.own(content) : process.stdout.write(content);
}

export function print(text: string): void {
  writeStdout(`${text}\n`);
}

/** Prints one JSON document, with the version of its schema. */
export function printJson(document: object): void {
  writeStdout(`${JSON.stringify({ v: 1, ...document }, null, 2)}\n`);
}

/** Streams bytes to stdout and waits for a slow reader, so that a large file is never in memory as a whole. */
export async function printBytes(content: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const chunk of content) {
    if (!writeStdout(chunk)) await new Promise<void>((resolve) => process.stdout.once('drain', () => resolve()));
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
