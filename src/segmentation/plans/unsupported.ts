import { refuse } from '../../contracts/index.ts';

/** A model that is well formed but that this room does not run, with the reason. */
export function unsupported(what: string, details: Readonly<Record<string, unknown>> = {}): Error {
  return refuse(
    'MODEL_UNSUPPORTED',
    `This nnU-Net model can't be run: ${what}.`,
    'Use a 3-D configuration of one stage (for example 3d_fullres) with one input channel, trained by an unchanged nnU-Net.',
    details,
  );
}

export function planInvalid(file: string, what: string): Error {
  return refuse(
    'MODEL_PLANS_INVALID',
    `${file} of the nnU-Net model is not usable: ${what}.`,
    'Give the folder that nnU-Net wrote during training, unchanged.',
    { file },
  );
}
