import { SitusError } from '../contracts/index.ts';

/** Choices of a run that change its labels; everything else about inference is the model's. */
export interface InferenceSettings {
  /** Distance of neighbouring patches as a share of the patch, above 0 and at most 1 (nnunet-inference §3.2). */
  readonly stepSize: number;
  /** Average over mirrored copies along the axes that the checkpoint allows; false: never (§3.4). */
  readonly mirroring: boolean;
  /** The volume is cut along body height into 2^splitLevel pieces that are segmented alone; 0 to 4 (§0). */
  readonly splitLevel: number;
}

/** As nnU-Net and MRSegmentator run unless told otherwise. */
export const DEFAULT_SETTINGS: InferenceSettings = {
  stepSize: 0.5,
  mirroring: true,
  splitLevel: 0,
};

/** MRSegmentator 2's `--fast`; it goes with the first fold alone (`folds: 'first'`). */
export const FAST_SETTINGS: InferenceSettings = { stepSize: 0.8, mirroring: false, splitLevel: 0 };

const MOST_SPLIT_LEVEL = 4;

/** @throws SitusError `SETTINGS_INVALID` naming the setting that is out of range. */
export function requireSettings({ stepSize, splitLevel }: InferenceSettings): void {
  if (!(stepSize > 0 && stepSize <= 1)) {
    throw invalid(`the step size ${stepSize} is not above 0 and at most 1`);
  }
  if (!Number.isInteger(splitLevel) || splitLevel < 0 || splitLevel > MOST_SPLIT_LEVEL) {
    throw invalid(
      `the split level ${splitLevel} is not a whole number from 0 to ${MOST_SPLIT_LEVEL}`,
    );
  }
}

function invalid(what: string): Error {
  return new SitusError({
    code: 'SETTINGS_INVALID',
    message: `The segmentation can't run so: ${what}.`,
    next: 'Leave the setting out for nnU-Net’s own, or correct it.',
    errorClass: 'usage',
    origin: 'configuration',
  });
}
