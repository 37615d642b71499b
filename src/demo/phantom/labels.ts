/** The structures in label order: position + 1 is the label (the same order as config/structures.json). */
export const STRUCTURE_NAMES = [
  'spleen',
  'right_kidney',
  'left_kidney',
  'gallbladder',
  'liver',
  'stomach',
  'pancreas',
  'right_adrenal_gland',
  'left_adrenal_gland',
  'left_lung',
  'right_lung',
  'heart',
  'aorta',
  'inferior_vena_cava',
  'portal_vein_and_splenic_vein',
  'left_iliac_artery',
  'right_iliac_artery',
  'left_iliac_vena',
  'right_iliac_vena',
  'esophagus',
  'small_bowel',
  'duodenum',
  'colon',
  'urinary_bladder',
  'spine',
  'sacrum',
  'left_hip',
  'right_hip',
  'left_femur',
  'right_femur',
  'left_autochthonous_muscle',
  'right_autochthonous_muscle',
  'left_iliopsoas_muscle',
  'right_iliopsoas_muscle',
  'left_gluteus_maximus',
  'right_gluteus_maximus',
  'left_gluteus_medius',
  'right_gluteus_medius',
  'left_gluteus_minimus',
  'right_gluteus_minimus',
] as const;

export type StructureName = (typeof STRUCTURE_NAMES)[number];

/** Structures that exist once a side. */
export type PairedName =
  Extract<StructureName, `left_${string}`> extends `left_${infer N}` ? N : never;

const index = new Map<string, number>(STRUCTURE_NAMES.map((name, i) => [name, i + 1]));

/** Label (1..40) of a structure. */
export function label(name: StructureName): number {
  return index.get(name) ?? 0;
}

/** A side of the patient: +1 left (+x in LPS), -1 right. */
export type Side = 1 | -1;
export const SIDES: readonly Side[] = [1, -1];

/** Label of a paired structure on a side. */
export function sided(name: PairedName, side: Side): number {
  return index.get(`${side === 1 ? 'left' : 'right'}_${name}`) ?? 0;
}
