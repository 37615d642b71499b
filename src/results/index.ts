export type { Algorithm, Equipment, ResultInput } from './input.ts';
export { encodeSeg } from './seg/encode.ts';
export { encodeSr, type Predecessor, type SrInput } from './sr/encode.ts';
export type { SegmentationReference } from './sr/measurements.ts';
export { resultIdentity, resultUids, type ResultIdentity, type ResultUids } from './uids.ts';
