/**
 * Starts work on the items, at most `limit` at a time, and yields the results in the order of the items. With a limit
 * of one, nothing runs while the caller uses a result. Work that was started is not awaited when the caller stops.
 */
export async function* inOrder<Item, Result>(
  items: Iterable<Item>,
  limit: number,
  start: (item: Item) => Promise<Result>,
): AsyncGenerator<readonly [Item, Result]> {
  const source = items[Symbol.iterator]();
  const running: (readonly [Item, Promise<Result>])[] = [];
  const fill = (most: number): void => {
    while (running.length < most) {
      const next = source.next();
      if (next.done === true) return;
      const work = start(next.value);
      // Whether it is awaited at all depends on those before it; an error is thrown where its turn comes.
      work.catch(() => undefined);
      running.push([next.value, work]);
    }
  };
  for (;;) {
    fill(limit);
    const next = running.shift();
    if (next === undefined) return;
    const result = await next[1];
    if (limit > 1) fill(limit);
    yield [next[0], result];
  }
}
