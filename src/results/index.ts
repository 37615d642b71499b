export type { Algorithm, Equipment, ResultInput } from './input.ts';
export { compareContent, contentHash } from './read/content-hash.ts';
export { toSegmentVolume, type SegmentVolume } from './read/label-volume.ts';
export {
  readSeg,
  type ReadFrame,
  type ReadSegment,
  type ReadSegmentation,
} from './read/segmentation.ts';
export {
  encodeRejection,
  REJECTION_REASONS,
  type RejectedInstance,
  type RejectionNote,
  type RejectionReason,
} from './rejection/encode.ts';
export { encodeSeg } from './seg/encode.ts';
export type { SegEncoding } from './seg/kind.ts';
export { encodeSr, type Predecessor, type SrInput } from './sr/encode.ts';
export type { SegmentationReference } from './sr/measurements.ts';
export { resultIdentity, resultUids, type ResultIdentity, type ResultUids } from './uids.ts';
export type { ValidationFinding } from './validate/report.ts';
export { validateSeg } from './validate/seg.ts';
export { validateSr } from './validate/sr.ts';
