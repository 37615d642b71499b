/**
 * What each tissue looks like to a scanner.
 *
 * Sources of the typical values:
 * - T1, T2 of abdominal organs, fat, marrow and muscle at 1.5 T and 3 T: de Bazelaire et al., Radiology 2004;230:652-659.
 * - T1, T2 of blood, heart, cartilage and spinal cord: Stanisz et al., Magn Reson Med 2005;54:507-512.
 * - Fluids, skin and bowel: Bojorquez et al., Magn Reson Imaging 2017;35:69-80, rounded.
 * - Fat fractions: Reeder et al., J Magn Reson Imaging 2012;36:1011-1014 (liver); vertebral marrow about 0.4, yellow marrow about 0.85.
 * - HU unenhanced and in the portal venous phase (70 s): usual textbook ranges (e.g. Prokop & Galanski, Spiral and
 *   Multislice CT of the Body), middle values.
 */
export interface Tissue {
  name: string;
  /** Mobile protons relative to pure water. */
  protonDensity: number;
  /** Share of the proton signal that is water; the rest that is not fat is invisible. */
  water: number;
  /** Share of the proton signal that is fat. */
  fat: number;
  /** Longitudinal relaxation of the water part, ms. */
  t1: { t15: number; t30: number };
  /** Transverse relaxation of the water part, ms. */
  t2: { t15: number; t30: number };
  /** Mean CT number without contrast agent, HU. */
  hu: number;
  /** Mean CT number in the portal venous phase, HU. */
  huEnhanced: number;
  /** Standard deviation of the texture, as a share of the MR signal. */
  texture: number;
  /** Standard deviation of the texture on CT, HU. */
  huTexture: number;
}

type Row = readonly [
  name: string,
  pd: number,
  water: number,
  fat: number,
  t1At15: number,
  t1At30: number,
  t2At15: number,
  t2At30: number,
  hu: number,
  huEnhanced: number,
  texture: number,
  huTexture: number,
];

const ROWS = [
  ['air', 0, 0, 0, 1000, 1000, 10, 10, -1000, -1000, 0, 0],
  ['skin', 0.7, 0.85, 0.1, 850, 950, 35, 32, 20, 35, 0.1, 15],
  ['subcutaneous_fat', 0.95, 0.08, 0.92, 343, 382, 58, 68, -105, -103, 0.06, 9],
  ['visceral_fat', 0.93, 0.1, 0.9, 343, 382, 58, 68, -100, -96, 0.08, 11],
  ['muscle', 0.85, 0.96, 0.04, 856, 898, 30, 29, 55, 62, 0.09, 8],
  ['bone_cortex', 0.06, 0.8, 0.2, 900, 1000, 5, 4, 750, 750, 0.1, 120],
  ['red_marrow', 0.75, 0.58, 0.42, 700, 780, 49, 49, 190, 200, 0.14, 35],
  ['disc', 0.8, 0.98, 0.02, 1000, 1150, 75, 65, 85, 88, 0.1, 10],
  ['csf', 1, 1, 0, 3800, 4000, 1500, 1300, 8, 8, 0.03, 4],
  ['lung', 0.18, 1, 0, 1150, 1270, 30, 24, -840, -820, 0.3, 45],
  ['myocardium', 0.86, 0.98, 0.02, 1030, 1471, 42, 45, 48, 105, 0.07, 8],
  ['arterial_blood', 0.92, 1, 0, 1441, 1932, 200, 165, 42, 160, 0.06, 6],
  ['venous_blood', 0.92, 1, 0, 1400, 1850, 150, 110, 42, 145, 0.06, 7],
  ['portal_blood', 0.92, 1, 0, 1400, 1850, 150, 110, 42, 175, 0.06, 7],
  ['liver', 0.82, 0.95, 0.05, 586, 809, 46, 34, 58, 112, 0.06, 8],
  ['spleen', 0.86, 0.99, 0.01, 1057, 1328, 79, 61, 48, 122, 0.06, 8],
  ['kidney_cortex', 0.88, 0.99, 0.01, 966, 1142, 87, 76, 34, 185, 0.06, 9],
  ['kidney_medulla', 0.92, 0.99, 0.01, 1412, 1545, 85, 81, 30, 150, 0.07, 9],
  ['urine', 1, 1, 0, 2800, 3200, 900, 700, 5, 8, 0.02, 4],
  ['bile', 0.98, 1, 0, 1900, 2300, 500, 400, 9, 10, 0.03, 4],
  ['pancreas', 0.83, 0.92, 0.08, 584, 725, 46, 43, 40, 98, 0.1, 11],
  ['adrenal', 0.82, 0.93, 0.07, 640, 780, 66, 60, 22, 70, 0.09, 10],
  ['bowel_wall', 0.84, 0.97, 0.03, 900, 1050, 60, 55, 40, 95, 0.1, 10],
  ['bowel_fluid', 0.97, 1, 0, 1900, 2200, 350, 300, 14, 16, 0.12, 8],
  ['stool', 0.65, 0.88, 0.12, 700, 800, 60, 55, 15, 15, 0.25, 60],
  ['gas', 0, 0, 0, 1000, 1000, 10, 10, -960, -960, 0, 20],
  ['pelvic_organ', 0.87, 0.99, 0.01, 1310, 1550, 95, 77, 42, 95, 0.1, 9],
  ['spinal_cord', 0.82, 0.98, 0.02, 745, 993, 74, 78, 35, 38, 0.05, 6],
  ['yellow_marrow', 0.85, 0.15, 0.85, 500, 560, 50, 50, 70, 75, 0.1, 35],
  ['stomach_content', 0.9, 0.95, 0.05, 1300, 1500, 200, 170, 30, 30, 0.22, 18],
  ['cartilage', 0.75, 0.97, 0.03, 1060, 1168, 42, 37, 110, 110, 0.1, 20],
] as const satisfies readonly Row[];

export type TissueName = (typeof ROWS)[number][0];

/** The table; a tissue map holds positions in it. */
export const TISSUES: readonly Tissue[] = ROWS.map((row: Row) => ({
  name: row[0],
  protonDensity: row[1],
  water: row[2],
  fat: row[3],
  t1: { t15: row[4], t30: row[5] },
  t2: { t15: row[6], t30: row[7] },
  hu: row[8],
  huEnhanced: row[9],
  texture: row[10],
  huTexture: row[11],
}));

const index = new Map<string, number>(ROWS.map((row, i) => [row[0], i]));

/** Position of a tissue in the table. */
export function tissue(name: TissueName): number {
  return index.get(name) ?? 0;
}
