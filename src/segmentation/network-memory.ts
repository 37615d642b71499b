import type { Architecture, Vec3 } from './plans/plan.ts';
import { voxelCount } from './preprocess/grid-view.ts';

const FLOAT_BYTES = 4;

/** Counts bytes as tensors come and go. */
class Tally {
  peak = 0;
  private now = 0;

  take(bytes: number): void {
    this.now += bytes;
    this.peak = Math.max(this.peak, this.now);
  }

  give(bytes: number): void {
    this.now -= bytes;
  }
}

/**
 * Most bytes of intermediate results that ONNX Runtime's CPU provider holds while it runs one patch through the network as
 * `writeNetwork` writes it: operators one after the other, an output is allocated before the inputs of which it is the
 * last use are freed, and element-wise operators work in place where the shapes allow. Without the runtime's arena and
 * memory patterns (`engine/session.ts`) this is what the process really takes: 1,024 MiB reckoned and 1,024 to 1,041
 * measured for nnU-Net's size for bodies. The answer and its copy for
 * JavaScript are among it, weights and the patch are not.
 */
export function activationBytes(architecture: Architecture, patch: Vec3): number {
  const { features, strides, encoderBlocks, decoderConvs, heads, kind } = architecture;
  const tally = new Tally();
  const sizes: number[] = [];
  let voxels = voxelCount(patch);
  const bytes = (channels: number): number => FLOAT_BYTES * channels * voxels;
  const stages = features.length;
  let current = 0;

  /** Convolution, then the norm, which needs the squares of what it has centred in place. */
  const conv = (output: number, keepsInput: boolean): void => {
    tally.take(output);
    if (!keepsInput) tally.give(current);
    tally.take(output);
    tally.give(output);
    current = output;
  };
  const block = (to: number, isStrided: boolean, keepsInput: boolean): void => {
    const output = bytes(to);
    if (kind === 'PlainConvUNet') {
      conv(output, keepsInput);
      return;
    }
    const input = current;
    conv(output, true);
    conv(output, false);
    // The way beside the block: pooled, and convolved where channels change.
    const beside = isStrided || input !== output ? output : 0;
    tally.take(beside);
    tally.take(beside);
    tally.give(2 * beside);
    if (!keepsInput) tally.give(input);
  };

  if (kind === 'ResidualEncoderUNet') conv(bytes(features[0] ?? 0), true);
  for (let stage = 0; stage < stages; stage += 1) {
    const stride = voxelCount(strides[stage] ?? [1, 1, 1]);
    voxels /= stride;
    sizes.push(voxels);
    const isFirst = stage === 0 && kind === 'PlainConvUNet';
    for (let index = 0; index < (encoderBlocks[stage] ?? 0); index += 1) {
      // What goes into a stage is the skip of the one before, and the patch is not the runtime's.
      const isSkip = index === 0 && (stage > 0 || isFirst);
      block(features[stage] ?? 0, index === 0 && stride > 1, isSkip);
    }
  }
  for (let stage = 0; stage < stages - 1; stage += 1) {
    const fine = stages - 2 - stage;
    const to = features[fine] ?? 0;
    const stride = voxelCount(strides[fine + 1] ?? [1, 1, 1]);
    const columns = FLOAT_BYTES * to * stride * (sizes[fine + 1] ?? 0);
    voxels = sizes[fine] ?? 0;
    const skip = bytes(to);
    tally.take(skip);
    tally.take(columns);
    tally.give(columns + current);
    tally.take(2 * skip);
    tally.give(2 * skip);
    current = 2 * skip;
    for (let index = 0; index < (decoderConvs[stage] ?? 0); index += 1) conv(bytes(to), false);
  }
  // The binding copies the answer.
  tally.take(2 * bytes(heads));
  return tally.peak;
}
