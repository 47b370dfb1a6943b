/** Calls `action` for each item, at most `width` at a time. Rejects with the first error. */
export async function inParallel<T>(
  items: Iterable<T>,
  width: number,
  action: (item: T) => Promise<void>,
): Promise<void> {
  const waiting = [...items];
  const work = async () => {
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) await action(next);
  };
  await Promise.all(Array.from({ length: Math.min(width, waiting.length) }, work));
}
