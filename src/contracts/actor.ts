/** Who acts: a required argument of every write (design §8). */
export interface Actor {
  readonly kind: 'service' | 'user';
  /** `intake`, `worker`, … for services; the user's name otherwise. */
  readonly name: string;
  readonly host: string;
}
