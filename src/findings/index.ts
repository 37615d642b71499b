export type { GateOptions } from './gate.ts';
export { measure } from './measure.ts';
export { volumeRangeOf } from './ranges.ts';
export type { VolumeRange } from './ranges.ts';
