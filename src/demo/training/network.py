"""The network and its files exactly as nnU-Net 2.2.1 has them: plans, data set description, checkpoint."""
import json
from pathlib import Path

import numpy as np
import torch
from nnunetv2.utilities.get_network_from_plans import get_network_from_plans
from nnunetv2.utilities.plans_handling.plans_handler import PlansManager

CONFIGURATION = '3d_fullres'
FEATURES, MOST_FEATURES = 16, 112
CONVS_DOWN, CONVS_UP = (1, 2, 2, 2, 1), (1, 1, 2, 2)
STRIDES = ((1, 1, 1), (2, 2, 2), (2, 2, 2), (2, 2, 2), (2, 1, 2))


def plans_for(spacing: float, patch: tuple[int, int, int]) -> dict:
    """Plans for one z-scored channel at an isotropic spacing, with a patch about as large as the body."""
    stages = len(CONVS_DOWN)
    resampling = {'order_z': 0, 'force_separate_z': None}
    name = 'resample_data_or_seg_to_shape'
    return {
        'dataset_name': 'Dataset901_SitusPhantoms',
        'plans_name': 'nnUNetPlans',
        'original_median_spacing_after_transp': [3.0, 3.0, 3.0],
        'original_median_shape_after_transp': [int(n * spacing / 3) for n in patch],
        'image_reader_writer': 'SimpleITKIO',
        'transpose_forward': [0, 1, 2],
        'transpose_backward': [0, 1, 2],
        'configurations': {CONFIGURATION: {
            'data_identifier': f'nnUNetPlans_{CONFIGURATION}',
            'preprocessor_name': 'DefaultPreprocessor',
            'batch_size': 2,
            'patch_size': list(patch),
            'median_image_size_in_voxels': [float(n) for n in patch],
            'spacing': [spacing] * 3,
            'normalization_schemes': ['ZScoreNormalization'],
            'use_mask_for_norm': [False],
            'UNet_class_name': 'PlainConvUNet',
            'UNet_base_num_features': FEATURES,
            'n_conv_per_stage_encoder': list(CONVS_DOWN),
            'n_conv_per_stage_decoder': list(CONVS_UP),
            'num_pool_per_axis': [sum(s[a] > 1 for s in STRIDES) for a in range(3)],
            'pool_op_kernel_sizes': [list(s) for s in STRIDES],
            'conv_kernel_sizes': [[3, 3, 3]] * stages,
            'unet_max_num_features': MOST_FEATURES,
            'resampling_fn_data': name,
            'resampling_fn_seg': name,
            'resampling_fn_data_kwargs': {'is_seg': False, 'order': 3} | resampling,
            'resampling_fn_seg_kwargs': {'is_seg': True, 'order': 1} | resampling,
            'resampling_fn_probabilities': name,
            'resampling_fn_probabilities_kwargs': {'is_seg': False, 'order': 1} | resampling,
            'batch_dice': False,
        }},
        'experiment_planner_used': 'ExperimentPlanner',
        'label_manager': 'LabelManager',
        'foreground_intensity_properties_per_channel': {'0': {
            'max': 1.0, 'mean': 0.0, 'median': 0.0, 'min': -1.0,
            'percentile_00_5': -1.0, 'percentile_99_5': 1.0, 'std': 1.0,
        }},
    }


def dataset_for(structures: list[str], count: int) -> dict:
    """The data set description: one channel, background and the structures."""
    labels = {'background': 0} | {name: i + 1 for i, name in enumerate(structures)}
    return {'channel_names': {'0': 'MR'}, 'labels': labels, 'numTraining': count, 'file_ending': '.nii.gz'}


def build(plans: dict, dataset: dict) -> torch.nn.Module:
    """The network that nnU-Net builds from these plans."""
    manager = PlansManager(plans)
    return get_network_from_plans(manager, dataset, manager.get_configuration(CONFIGURATION), 1, True)


def features(network: torch.nn.Module, x: torch.Tensor, stages: int) -> list[torch.Tensor]:
    """Output of the first `stages` decoder stages, coarsest first; what `seg_layers` turn into logits."""
    with torch.autocast('cpu', torch.bfloat16):
        skips = network.encoder(x)
        decoder = network.decoder
        x = skips[-1]
        out = []
        for i in range(stages):
            x = torch.cat((decoder.transpconvs[i](x), skips[-2 - i]), 1)
            x = decoder.stages[i](x)
            out.append(x)
    return out


def write_description(folder: Path, plans: dict, dataset: dict) -> None:
    """Write plans.json, dataset.json and version.json."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in (('plans', plans), ('dataset', dataset), ('version', {'weights_version': 1.2})):
        (folder / f'{name}.json').write_text(json.dumps(content, indent=1) + '\n')


def write_checkpoint(path: Path, weights: dict, plans: dict, dataset: dict, losses: list[float], dice: list[float]) -> None:
    """Write a checkpoint with the keys of nnU-Net's save_checkpoint, without optimizer state."""
    path.parent.mkdir(parents=True, exist_ok=True)
    checkpoint = {
        'network_weights': weights,
        'optimizer_state': {},
        'grad_scaler_state': None,
        'logging': {'train_losses': [np.float64(v) for v in losses], 'mean_fg_dice': [np.float64(v) for v in dice]},
        '_best_ema': np.float64(max(dice, default=0.0)),
        'current_epoch': len(losses),
        'init_args': {
            'plans': plans, 'configuration': CONFIGURATION, 'fold': 0, 'dataset_json': dataset,
            'unpack_dataset': True, 'device': torch.device('cpu'),
        },
        'trainer_name': 'nnUNetTrainerNoMirroring',
        'inference_allowed_mirroring_axes': None,
    }
    temporary = path.with_suffix('.tmp')
    torch.save(checkpoint, temporary)
    temporary.rename(path)
