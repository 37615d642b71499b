/** Between which volumes a structure of an adult is plausible, in mL. */
export interface VolumeRange {
  readonly minimum: number;
  readonly maximum: number;
}

interface ReferenceMass {
  /** Reference woman and man, in grams. */
  readonly woman: number;
  readonly man: number;
  /** g/mL */
  readonly density: number;
}

const SOFT_TISSUE = 1.05;
/** ICRU Report 46, adult lung with blood, deflated as in the reference phantoms. */
const LUNG = 0.38;

/**
 * Masses of the reference adults of ICRP Publication 89 (Ann. ICRP 32 (3-4), 2002), hollow organs with
 * their reference contents. Structures of which it has no mass (vessels, single bones and muscles,
 * the duodenum apart from the small intestine) have no range.
 */
const REFERENCE: Readonly<Record<string, ReferenceMass>> = {
  spleen: { woman: 130, man: 150, density: SOFT_TISSUE },
  right_kidney: { woman: 138, man: 155, density: SOFT_TISSUE },
  left_kidney: { woman: 138, man: 155, density: SOFT_TISSUE },
  gallbladder: { woman: 56, man: 68, density: SOFT_TISSUE },
  liver: { woman: 1400, man: 1800, density: SOFT_TISSUE },
  stomach: { woman: 370, man: 400, density: SOFT_TISSUE },
  pancreas: { woman: 120, man: 140, density: SOFT_TISSUE },
  right_adrenal_gland: { woman: 6.5, man: 7, density: SOFT_TISSUE },
  left_adrenal_gland: { woman: 6.5, man: 7, density: SOFT_TISSUE },
  left_lung: { woman: 442, man: 558, density: LUNG },
  right_lung: { woman: 508, man: 642, density: LUNG },
  heart: { woman: 620, man: 840, density: SOFT_TISSUE },
  esophagus: { woman: 35, man: 40, density: SOFT_TISSUE },
  small_bowel: { woman: 880, man: 1000, density: SOFT_TISSUE },
  colon: { woman: 680, man: 670, density: SOFT_TISSUE },
};

/**
 * Far out of range means a quarter of the smaller or four times the larger reference: disease and
 * filling explain factors of two and three, a wrong segmentation explains more.
 */
const FACTOR = 4;

/** The plausible range of a structure; null when no reference is known. */
export function volumeRangeOf(structure: string): VolumeRange | null {
  const reference = REFERENCE[structure];
  if (reference === undefined) return null;
  const smaller = Math.min(reference.woman, reference.man) / reference.density;
  const larger = Math.max(reference.woman, reference.man) / reference.density;
  return { minimum: smaller / FACTOR, maximum: larger * FACTOR };
}
