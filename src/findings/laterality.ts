import type { GateLevel, Structure, StructureFindings } from '../contracts/index.ts';

/** SNOMED CT "Left"; its counterpart has the same name with `right` for `left`. */
const LEFT = '7771000';
/** Crumbs of a few voxels say little about sides: they warn, but hold nothing. */
const CRUMB_ML = 0.5;

interface Pair {
  readonly left: string;
  readonly right: string;
  readonly message: (left: string, right: string) => string;
}

/** The liver lies right and the spleen left, except in situs inversus and heterotaxy. */
const LIVER_AND_SPLEEN: Pair = {
  left: 'spleen',
  right: 'liver',
  message: () =>
    'spleen lies to the right of liver: the image is mirrored, or the patient has situs inversus.',
};

/**
 * Structures on the wrong side: the centroid of a left structure must have the larger x of patient
 * LPS coordinates (x rises toward the patient's left).
 */
export function mixedUpSides(
  found: readonly StructureFindings[],
  structures: readonly Structure[],
): readonly { structure: string; message: string; atMost?: GateLevel }[] {
  const byName = new Map(found.map((findings) => [findings.structure, findings]));
  return [...pairsOf(structures), LIVER_AND_SPLEEN].flatMap((pair) => {
    const left = byName.get(pair.left);
    const right = byName.get(pair.right);
    if (left === undefined || right === undefined) return [];
    if (left.centroid[0] > right.centroid[0]) return [];
    const crumbs = Math.min(left.volumeMl, right.volumeMl) < CRUMB_ML;
    const message = pair.message(pair.left, pair.right);
    return [{ structure: pair.left, message, ...(crumbs ? { atMost: 'warn' as const } : {}) }];
  });
}

function pairsOf(structures: readonly Structure[]): readonly Pair[] {
  const names = new Set(structures.map(({ name }) => name));
  return structures
    .filter(({ laterality }) => laterality?.value === LEFT)
    .map(({ name }) => ({ left: name, right: name.replace('left', 'right') }))
    .filter(({ right }) => names.has(right))
    .map((pair) => ({
      ...pair,
      message: (left: string, right: string) =>
        `${left} lies to the right of ${right}: left and right are mixed up.`,
    }));
}
