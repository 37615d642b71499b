import { refuse } from '../../contracts/index.ts';
import type { Tensor } from '../checkpoint/tensors.ts';

/** Hands out the weights of a checkpoint and notes which were used, so that nothing is left unexplained. */
export class WeightBook {
  private readonly weights: ReadonlyMap<string, Tensor>;
  private readonly dimensions: 2 | 3;
  private readonly used = new Set<string>();

  /** @param dimensions 2: kernels of the checkpoint have two axes, those handed out a leading one of size 1 */
  constructor(weights: ReadonlyMap<string, Tensor>, dimensions: 2 | 3) {
    this.weights = weights;
    this.dimensions = dimensions;
  }

  /** @throws SitusError `CHECKPOINT_WEIGHTS` when the tensor is missing or has another shape. */
  take(name: string, shape: readonly number[]): Tensor {
    const tensor = this.weights.get(name);
    if (tensor === undefined) throw mismatch(`"${name}" is missing`, name);
    const [to = 0, from = 0, ...kernel] = shape;
    const stored =
      this.dimensions === 2 && shape.length === 5 ? [to, from, ...kernel.slice(1)] : shape;
    if (tensor.shape.join() !== stored.join()) {
      throw mismatch(
        `"${name}" has the shape ${tensor.shape.join('×')}, the plans ask for ${stored.join('×')}`,
        name,
      );
    }
    this.used.add(name);
    return { ...tensor, shape };
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
