import { PI, cos, floor, imul, log, max, min, sqrt } from './maths.ts';

/** A seeded stream of pseudo-random numbers; equal seeds give equal streams on every machine. */
export interface Random {
  /** Uniform in [low, high). */
  uniform(low: number, high: number): number;
  /** Normal with the given mean and standard deviation, cut at 2.5 deviations so no patient is a monster. */
  normal(mean: number, sd: number): number;
  /** True with probability p. */
  chance(p: number): boolean;
  /** Integer in [low, high]. */
  integer(low: number, high: number): number;
  /** An independent stream named by a word, so that a change to one organ leaves all the others as they were. */
  fork(name: string): Random;
}

/** 32-bit FNV-1a of a string. */
function hash(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = imul(h ^ text.charCodeAt(i), 0x01000193);
  return h >>> 0;
}

/** Stream for a seed: sfc32, warmed up so that neighbouring seeds do not resemble each other. */
export function random(seed: number | string): Random {
  const key = String(seed);
  let a = hash(key);
  let b = hash('b' + key);
  let c = hash('c' + key);
  let counter = 1;
  const next = (): number => {
    const t = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + t) | 0;
    return (t >>> 0) / 4294967296;
  };
  for (let i = 0; i < 15; i++) next();
  const gauss = (): number => sqrt(-2 * log(1 - next())) * cos(2 * PI * next());
  return {
    uniform: (low, high) => low + (high - low) * next(),
    normal: (mean, sd) => mean + sd * max(-2.5, min(2.5, gauss())),
    chance: (p) => next() < p,
    integer: (low, high) => low + floor(next() * (high - low + 1)),
    fork: (name) => random(`${key}/${name}`),
  };
}
