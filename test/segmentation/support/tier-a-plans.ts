const RESAMPLING = { order: 3, order_z: 0, force_separate_z: null, is_seg: false };

/** `PLANS` of `goldens/tier_a/nnunet_bits.py`, which cases change in some keys. */
export const PLANS = {
  dataset_name: 'Dataset997_TierA',
  plans_name: 'nnUNetPlans',
  image_reader_writer: 'SimpleITKIO',
  transpose_forward: [0, 1, 2],
  transpose_backward: [0, 1, 2],
  configurations: {
    '3d_fullres': {
      preprocessor_name: 'DefaultPreprocessor',
      patch_size: [8, 8, 8],
      spacing: [1, 1, 1],
      normalization_schemes: ['NoNormalization'],
      use_mask_for_norm: [false],
      UNet_class_name: 'PlainConvUNet',
      UNet_base_num_features: 4,
      n_conv_per_stage_encoder: [1, 1],
      n_conv_per_stage_decoder: [1],
      pool_op_kernel_sizes: [
        [1, 1, 1],
        [1, 1, 1],
      ],
      conv_kernel_sizes: [
        [3, 3, 3],
        [3, 3, 3],
      ],
      unet_max_num_features: 6,
      resampling_fn_data: 'resample_data_or_seg_to_shape',
      resampling_fn_probabilities: 'resample_data_or_seg_to_shape',
      resampling_fn_data_kwargs: RESAMPLING,
      resampling_fn_probabilities_kwargs: { ...RESAMPLING, order: 1 },
    },
  },
  label_manager: 'LabelManager',
  foreground_intensity_properties_per_channel: { '0': {} },
} as const;
