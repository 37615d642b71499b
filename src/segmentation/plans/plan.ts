/** Three numbers, one an axis. */
export type Vec3 = readonly [number, number, number];

export type Normalisation =
  | { readonly scheme: 'zscore'; readonly useMask: boolean }
  | {
      readonly scheme: 'ct';
      readonly mean: number;
      readonly std: number;
      /** 0.5 and 99.5 percentile of the training foreground. */
      readonly lower: number;
      readonly upper: number;
    }
  | { readonly scheme: 'none' | 'rescale01' | 'rgb01' };

/** Arguments of nnU-Net's `resample_data_or_seg_to_shape` (nnunet-inference §2.6). */
export interface Resampling {
  /** Spline order in the plane or in 3-D: 1 or 3. */
  readonly order: 1 | 3;
  /** null: decided by the anisotropy of the spacings. */
  readonly forceSeparateZ: boolean | null;
  readonly anisotropyThreshold: number;
}

/**
 * The network, as far as building it needs it; axes in transposed order. A 2-D network is one whose patch, kernels and
 * strides are 1 along axis 0.
 */
export interface Architecture {
  /** Of the weights in the checkpoint. */
  readonly dimensions: 2 | 3;
  readonly kind: 'PlainConvUNet' | 'ResidualEncoderUNet';
  readonly inputChannels: number;
  readonly heads: number;
  /** Channels of each encoder stage. */
  readonly features: readonly number[];
  readonly kernels: readonly Vec3[];
  readonly strides: readonly Vec3[];
  /** Conv blocks (plain) or residual blocks a stage. */
  readonly encoderBlocks: readonly number[];
  readonly decoderConvs: readonly number[];
  readonly convBias: boolean;
  readonly normEpsilon: number;
  readonly leakySlope: number;
}

/** One label of the output and the nnU-Net name of it; background left out. */
export interface PlanLabel {
  readonly value: number;
  readonly name: string;
}

/**
 * How channels become labels: the channel with the largest logit (`argmax`: channel = label), or
 * region models, whose channel i writes `classOrder[i]` where its probability exceeds one half.
 */
export type LabelRule =
  | { readonly kind: 'argmax' }
  | { readonly kind: 'regions'; readonly classOrder: readonly number[] };

/** What inference needs of `plans.json`, `dataset.json` and the checkpoint, and nothing else. */
export interface InferencePlan {
  readonly configuration: string;
  /** The way in which the array's axes x and y rise; z always rises upwards. */
  readonly orientation: 'LPS' | 'RAS';
  readonly transposeForward: Vec3;
  readonly transposeBackward: Vec3;
  /** Target spacing in mm, transposed order; of 2-D models axis 0 keeps its own (`targetSpacing`). */
  readonly spacing: Vec3;
  readonly patchSize: Vec3;
  readonly normalisation: Normalisation;
  readonly resampleImage: Resampling;
  readonly resampleLogits: Resampling;
  readonly mirrorAxes: readonly number[];
  readonly labels: readonly PlanLabel[];
  readonly labelRule: LabelRule;
  readonly architecture: Architecture;
}
