import { readFileSync } from 'node:fs';
import type { Structure } from '../../src/contracts/index.ts';

/** The structures as Situs ships them. */
export const STRUCTURES = JSON.parse(
  readFileSync(new URL('../../config/structures.json', import.meta.url), 'utf8'),
) as readonly Structure[];

/** Label value → structure name for all of them. */
export const STRUCTURE_NAMES: Readonly<Record<number, string>> = Object.fromEntries(
  STRUCTURES.map(({ index, name }) => [index, name]),
);
