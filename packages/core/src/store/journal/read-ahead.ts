/** Results of `read` in the order of `items`, with at most `width` reads under way. Stop by leaving the loop. */
export async function* readAhead<T, R>(
  items: readonly T[],
  width: number,
  read: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const underWay: Promise<R>[] = [];
  let next = 0;
  const fill = () => {
    for (let item = items[next]; item !== undefined && underWay.length < width; item = items[++next]) {
      const work = read(item);
      // Whoever waits for it gets the error; a reader that has left does not want it.
      work.catch(() => {});
      underWay.push(work);
    }
  };
  fill();
  for (let first = underWay.shift(); first !== undefined; first = underWay.shift()) {
    const result = await first;
    fill();
    yield result;
  }
}
