import type { Code } from '../contracts/index.ts';
import { CODES, sct } from './codes.ts';

/** Segmentation property categories that a structure of the body can have (PS3.16 CID 7150). */
export const CATEGORIES: readonly Code[] = [
  CODES.anatomicalStructure,
  sct('85756007', 'Tissue'),
  sct('49755003', 'Morphologically Abnormal Structure'),
];
