import { refuse } from '../contracts/index.ts';

const MOST = 255;

/** Numbers from 1 for the structures of one pair of files, the same on both sides. */
export interface Numbering {
  /** @throws SitusError TOO_MANY_STRUCTURES (refuse) beyond 255 different names. */
  numberOf(structure: string): number;
}

export function createNumbering(): Numbering {
  const numbers = new Map<string, number>();
  return {
    numberOf(structure) {
      const known = numbers.get(structure);
      if (known !== undefined) return known;
      if (numbers.size === MOST) {
        throw refuse(
          'TOO_MANY_STRUCTURES',
          `The label mappings name more than ${MOST} structures.`,
          'Choose some with --structures.',
        );
      }
      numbers.set(structure, numbers.size + 1);
      return numbers.size;
    },
  };
}
