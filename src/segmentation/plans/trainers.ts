import { unsupported } from './unsupported.ts';

/**
 * Trainers of nnU-Net 2 that change only how a network is trained: losses, optimizers, data augmentation,
 * schedules, sampling. Others may build another network (`nnUNetTrainerBN`: batch normalisation).
 */
const SAME_NETWORK = [
  /^nnUNetTrainer(NoMirroring|_onlyMirror01|NoDeepSupervision|CosAnneal)?$/,
  /^nnUNetTrainer_\d+epochs?(_NoMirroring)?$/,
  /^nnUNetTrainer(NoDA|DAOrd0|_DASegOrd0|DA5|DA5ord0|DA5Segord0|DA5_10epochs)$/,
  /^nnUNetTrainer(CE|Dice|DiceCE|DiceTopK10|Topk10)Loss(LS01|_noSmooth|_5epochs)?$/,
  /^nnUNetTrainer(DiceCELoss_noSmooth|(Vanilla)?Adam(1en3|3en4)?|Adan(1en1|1en3|3en4|CosAnneal)?)$/,
  /^nnUNetTrainer_probabilisticOversampling(_\d+)?$/,
];

/** @throws SitusError `MODEL_UNSUPPORTED` naming the trainer. */
export function requireKnownTrainer(trainer: string, accepted: readonly string[]): void {
  if (accepted.includes(trainer) || SAME_NETWORK.some((pattern) => pattern.test(trainer))) return;
  throw unsupported(
    `it was trained by "${trainer}", which may build another network; if it does not, import it with that trainer accepted`,
    { trainer },
  );
}
