export { encodeCapture, TRUE_COLOUR_CAPTURE, type CaptureInput } from './capture/encode.ts';
export { CODES } from './codes.ts';
export { COPIED_KEYWORDS } from './copied.ts';
export { tagText } from './dicom/dictionary.ts';
export { EXPLICIT_LITTLE_ENDIAN, RLE_LOSSLESS } from './dicom/file.ts';
export type { Algorithm, Equipment, ResultInput } from './input.ts';
export { compareContent, type ContentComparison } from './read/content-hash.ts';
export {
  itemsOf,
  readDicom,
  textOf,
  textsOf,
  type ReadDataset,
  type ReadElement,
} from './read/dataset.ts';
export { toSegmentVolume, type SegmentVolume } from './read/label-volume.ts';
export {
  readSeg,
  type ReadFrame,
  type ReadSegment,
  type ReadSegmentation,
} from './read/segmentation.ts';
export {
  encodeRejection,
  KEY_OBJECT_SELECTION_STORAGE,
  REJECTION_REASONS,
  type RejectionInput,
  type RejectedInstance,
  type RejectionNote,
  type RejectionReason,
} from './rejection/encode.ts';
export { encodeSeg } from './seg/encode.ts';
export { SEG_CLASSES, type SegEncoding } from './seg/kind.ts';
export {
  COMPREHENSIVE_3D_SR_STORAGE,
  encodeSr,
  type Predecessor,
  type SrInput,
} from './sr/encode.ts';
export type { SegmentationReference } from './sr/measurements.ts';
export { resultIdentity, resultUids, type ResultIdentity, type ResultUids } from './uids.ts';
export { validateCapture } from './validate/capture.ts';
export type { ObjectKind } from './validate/standard/kinds.ts';
export { EDITION, RULES, type AttributeRule } from './validate/standard/tables.ts';
export type { ValidationFinding } from './validate/report.ts';
export { REPORT_TEMPLATE, rejectionTemplate, type TemplateRow } from './validate/template.ts';
export { validateRejection } from './validate/rejection.ts';
export { validateSeg } from './validate/seg.ts';
export { validateSr } from './validate/sr.ts';
