import { z } from 'zod';

const axes = z.tuple([z.int().min(0).max(2), z.int().min(0).max(2), z.int().min(0).max(2)]);
const count = z.int().min(1).max(64);
const features = z.int().min(1).max(4096);
/** A single number counts for all stages, or all axes. */
const perStage = z.union([count, z.array(count).min(1).max(16)]);
const stageSizes = z.array(z.array(count).min(2).max(3)).min(1).max(16);
const sizes = z.union([
  count,
  z
    .array(z.union([count, z.array(count).min(2).max(3)]))
    .min(1)
    .max(16),
]);

const resamplingKwargs = z.looseObject({
  is_seg: z.boolean().optional(),
  order: z.number().optional(),
  order_z: z.number().optional(),
  force_separate_z: z.boolean().nullable().optional(),
  separate_z_anisotropy_threshold: z.number().optional(),
});

/** nnU-Net ≥ 2.3 describes the network in one block. */
const architecture = z.looseObject({
  network_class_name: z.string(),
  arch_kwargs: z.looseObject({
    n_stages: z.int().min(1).max(16),
    features_per_stage: z.union([features, z.array(features).max(16)]),
    conv_op: z.string(),
    kernel_sizes: sizes,
    strides: sizes,
    n_conv_per_stage: perStage.optional(),
    n_blocks_per_stage: perStage.optional(),
    n_conv_per_stage_decoder: perStage,
    conv_bias: z.boolean().optional(),
    norm_op: z.string(),
    norm_op_kwargs: z
      .looseObject({
        eps: z.number().positive().optional(),
        affine: z.boolean().optional(),
        track_running_stats: z.boolean().optional(),
      })
      .nullish(),
    dropout_op: z.string().nullish(),
    nonlin: z.string(),
    nonlin_kwargs: z.looseObject({ negative_slope: z.number().optional() }).nullish(),
  }),
});
export type ArchitectureBlock = z.infer<typeof architecture>;

/** One configuration after `inherits_from` has been resolved (nnunet-inference §5.4). */
export const configurationSchema = z.looseObject({
  preprocessor_name: z.string().optional(),
  patch_size: z.array(z.int().min(1).max(1024)).min(2).max(3),
  spacing: z.array(z.number().positive()).min(2).max(3),
  normalization_schemes: z.array(z.string()).min(1),
  use_mask_for_norm: z.array(z.boolean()).min(1),
  UNet_class_name: z.string().optional(),
  UNet_base_num_features: features.optional(),
  unet_max_num_features: features.optional(),
  n_conv_per_stage_encoder: perStage.optional(),
  n_conv_per_stage_decoder: perStage.optional(),
  pool_op_kernel_sizes: stageSizes.optional(),
  conv_kernel_sizes: stageSizes.optional(),
  architecture: architecture.optional(),
  resampling_fn_data: z.string().optional(),
  resampling_fn_data_kwargs: resamplingKwargs.optional(),
  resampling_fn_probabilities: z.string().optional(),
  resampling_fn_probabilities_kwargs: resamplingKwargs.optional(),
  previous_stage: z.string().nullish(),
});
export type Configuration = z.infer<typeof configurationSchema>;

/** Only CT normalisation reads these. */
const intensity = z.looseObject({
  mean: z.number().optional(),
  std: z.number().optional(),
  percentile_00_5: z.number().optional(),
  percentile_99_5: z.number().optional(),
});

export const plansSchema = z.looseObject({
  dataset_name: z.string().optional(),
  plans_name: z.string().optional(),
  transpose_forward: axes,
  transpose_backward: axes,
  label_manager: z.string().optional(),
  image_reader_writer: z.string().optional(),
  configurations: z.record(z.string(), z.record(z.string(), z.unknown())),
  foreground_intensity_properties_per_channel: z.record(z.string(), intensity).optional(),
  foreground_intensity_properties_by_modality: z.record(z.string(), intensity).optional(),
});
export type Plans = z.infer<typeof plansSchema>;

export const datasetSchema = z.looseObject({
  channel_names: z.record(z.string(), z.string()).optional(),
  modality: z.record(z.string(), z.string()).optional(),
  labels: z.record(z.string(), z.union([z.int().min(0), z.array(z.int().min(0)).min(1)])),
  regions_class_order: z.array(z.int().min(0)).optional(),
});
export type Dataset = z.infer<typeof datasetSchema>;
