import { refuse } from '../../contracts/index.ts';
import type { Tensor } from '../checkpoint/tensors.ts';

/** Hands out the weights of a checkpoint and notes which were used, so that nothing is left unexplained. */
export class WeightBook {
  private readonly weights: ReadonlyMap<string, Tensor>;
  private readonly used = new Set<string>();

  constructor(weights: ReadonlyMap<string, Tensor>) {
    this.weights = weights;
  }

  /** @throws SitusError `CHECKPOINT_WEIGHTS` when the tensor is missing or has another shape. */
  take(name: string, shape: readonly number[]): Tensor {
    const tensor = this.weights.get(name);
    if (tensor === undefined) throw mismatch(`"${name}" is missing`, name);
    if (tensor.shape.join() !== shape.join()) {
      throw mismatch(
        `"${name}" has the shape ${tensor.shape.join('×')}, the plans ask for ${shape.join('×')}`,
        name,
      );
    }
    this.used.add(name);
    return tensor;
  }

  /** @throws SitusError `CHECKPOINT_WEIGHTS` when weights are left that the network has no place for. */
  requireAllUsed(mayBeLeft: RegExp): void {
    for (const name of this.weights.keys()) {
      if (!this.used.has(name) && !mayBeLeft.test(name)) {
        throw mismatch(`"${name}" has no place in the network that the plans describe`, name);
      }
    }
  }
}

function mismatch(what: string, name: string): Error {
  return refuse(
    'CHECKPOINT_WEIGHTS',
    `Checkpoint and plans.json do not belong together: ${what}.`,
    'Give the folder that nnU-Net wrote during training, unchanged.',
    { tensor: name },
  );
}
