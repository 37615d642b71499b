import { refuse } from '../../contracts/index.ts';

/** A model that is well formed but that this room does not run, with the reason. */
export function unsupported(what: string, details: Readonly<Record<string, unknown>> = {}): Error {
  return refuse(
    'MODEL_UNSUPPORTED',
    `This nnU-Net model can't be run: ${what}.`,
    'Use a configuration of one stage (for example 3d_fullres) with one input channel, trained by an unchanged nnU-Net.',
    details,
  );
}

/** @throws SitusError `MODEL_UNSUPPORTED` when the key names something else than what this room does. */
export function requireName(key: string, name: string | undefined, expected: string): void {
  if (name !== undefined && name !== expected) {
    throw unsupported(`its ${key} is "${name}" instead of ${expected}`, { key });
  }
}

export function planInvalid(file: string, what: string): Error {
  return refuse(
    'MODEL_PLANS_INVALID',
    `${file} of the nnU-Net model is not usable: ${what}.`,
    'Give the folder that nnU-Net wrote during training, unchanged.',
    { file },
  );
}
