export {
  chooseDevice,
  examineDevice,
  type DeviceChoice,
  type DeviceReport,
  type DeviceWishes,
} from './devices.ts';
export { DEVICES, type Device } from './engine/engine.ts';
export { checkServer } from './check-server.ts';
export { DEFAULT_KSERVE_MODELS, type KserveSettings } from './engine/kserve-settings.ts';
export { estimateMemory, type MemoryEstimate } from './memory.ts';
export {
  listModels,
  loadModel,
  verifyModel,
  type LoadedModel,
  type ModelListing,
  type Verification,
} from './model/folder.ts';
export { modelCard } from './model/card.ts';
export { importModel, type ImportOptions } from './model/import-model.ts';
export { codedStructures, requireCodes } from './model/label-table.ts';
export { exportTriton, type TritonNetwork } from './model/triton-repository.ts';
export type { ModelManifest } from './model/manifest.ts';
export { sameVersion } from './model/weights-version.ts';
export type { SpacingMode } from './preprocess/preprocess.ts';
export { segment, type FoldChoice, type SegmentOptions, type SegmentProgress } from './segment.ts';
export { DEFAULT_SETTINGS, FAST_SETTINGS, type InferenceSettings } from './settings.ts';
