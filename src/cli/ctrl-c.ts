/** Aborted by the first Ctrl-C, so that the work ends tidily; a second one ends the process. */
export function ctrlC(): AbortSignal {
  const stopping = new AbortController();
  process.once('SIGINT', () => stopping.abort(new Error('stopped by Ctrl-C')));
  return stopping.signal;
}
