/** npm passes Ctrl-C on although the terminal has sent it already: so soon it is the same wish. */
const SAME_WISH_MS = 2_000;

/** Resolves at the first SIGINT, SIGTERM or SIGHUP; a second wish ends the process at once. */
export function untilStopped(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let firstAt: number | null = null;
  const stop = (): void => {
    if (firstAt !== null && performance.now() - firstAt > SAME_WISH_MS) process.exit(130);
    firstAt ??= performance.now();
    resolve();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
  return promise;
}
