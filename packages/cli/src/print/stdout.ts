/** What a flow's file prints as it is loaded, in this very thread: stdout carries only what was asked for. */
export async function toStderr<T>(work: () => Promise<T>): Promise<T> {
  const { write } = process.stdout;
  process.stdout.write = process.stderr.write.bind(process.stderr);
  try {
    return await work();
  } finally {
    process.stdout.write = write;
  }
}
