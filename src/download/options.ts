/** What happens right now. */
export interface DownloadProgress {
  /** `waiting`: before the next try; `checking`: the hash of what has arrived is computed. */
  readonly phase: 'downloading' | 'waiting' | 'checking';
  readonly done: number;
  /** Null while the server has not said how large the file is. */
  readonly total: number | null;
  /** Why it waits; null otherwise. */
  readonly reason: string | null;
}

/** How long to wait for what, in milliseconds, and how often to try. */
export interface Patience {
  readonly connect: number;
  /** Until the head of an answer is there. */
  readonly answer: number;
  /** Between two pieces of the body: a connection that stalls longer is given up. */
  readonly stall: number;
  /** Tries in a row that bring nothing new before it is given up. */
  readonly tries: number;
  /** Before the second try; doubled each time, with a random share taken off. */
  readonly backOff: number;
  readonly longestBackOff: number;
}

export const PATIENCE: Patience = {
  connect: 15_000,
  answer: 60_000,
  stall: 60_000,
  tries: 6,
  backOff: 1_000,
  longestBackOff: 60_000,
};

/** Left free on the disk beyond what the file takes. */
export const SPARE_BYTES = 256 * 2 ** 20;
