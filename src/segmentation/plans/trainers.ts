import { unsupported } from './unsupported.ts';

/**
 * Trainers of nnU-Net 2.2.1 to 2.8.1 that change only how a network is trained: losses, optimizers, data augmentation,
 * schedules, sampling. Others may build another network (`nnUNetTrainerBN`: batch normalisation).
 */
const SAME_NETWORK = [
  /^nnUNetTrainer(NoMirroring|NoDeepSupervision|CosAnneal|_warmup)?$/,
  /^nnUNetTrainerBenchmark_5epochs(_noDataLoading)?$/,
  /^nnUNetTrainer_\d+epochs?(_NoMirroring)?$/,
  /^nnUNetTrainer_onlyMirror01(_1500ep|_DASegOrd0|_DA5)?$/,
  /^nnUNetTrainer(NoDA|DAOrd0|_DASegOrd0(_NoMirroring)?|_noDummy2DDA)$/,
  /^nnUNetTrainer(DA5|DA5ord0|DA5Segord0|DA5_10epochs)$/,
  /^nnUNetTrainer(CE|Dice|DiceCE|DiceTopK10|Topk10)Loss(LS01|_noSmooth|_5epochs)?$/,
  /^nnUNetTrainer((Vanilla)?Adam(1en3|3en4)?|Adan(1en1|1en3|3en4|CosAnneal)?)$/,
  /^nnUNetTrainer_probabilisticOversampling(_\d+)?$/,
];

/** @throws SitusError `MODEL_UNSUPPORTED` naming the trainer. */
export function requireKnownTrainer(trainer: string, accepted: readonly string[]): void {
  if (accepted.includes(trainer) || SAME_NETWORK.some((pattern) => pattern.test(trainer))) return;
  throw unsupported(
    `it was trained by "${trainer}" (trainer_name), which may build another network; if it does not, import it with --accept-trainer`,
    { key: 'trainer_name', trainer },
  );
}
