import type { Resampling, Vec3 } from '../plans/plan.ts';
import { nearestSlices, separateAxis } from '../preprocess/target-shape.ts';

/**
 * Which source samples make one output sample along an axis: `first` and `second` with weights `w0` and `w1`. Where
 * `taps` is 1, samples are copied and the weight is 1.
 */
export interface AxisTaps {
  readonly taps: 1 | 2;
  readonly first: Int32Array;
  readonly second: Int32Array;
  readonly w0: Float64Array;
  readonly w1: Float64Array;
}

/**
 * Order 1 from n to m samples: coordinates are not clamped, taps are (nnunet-inference §2.7). Where the length stays, every
 * second tap would weigh 0, so samples are copied.
 */
export function linearTaps(n: number, m: number): AxisTaps {
  if (n === m) return copyTaps(n, m);
  const taps = emptyTaps(2, m);
  const ratio = n / m;
  for (let k = 0; k < m; k += 1) {
    const coordinate = (k + 0.5) * ratio - 0.5;
    const floor = Math.floor(coordinate);
    taps.first[k] = clamp(floor, n);
    taps.second[k] = clamp(floor + 1, n);
    taps.w0[k] = 1 - (coordinate - floor);
    taps.w1[k] = 1 - (taps.w0[k] ?? 0);
  }
  return taps;
}

export function copyTaps(n: number, m: number): AxisTaps {
  const taps = emptyTaps(1, m);
  taps.first.set(nearestSlices(n, m));
  taps.second.set(taps.first);
  taps.w0.fill(1);
  return taps;
}

export type VolumeTaps = readonly [AxisTaps, AxisTaps, AxisTaps];

/**
 * How logits are brought from the network's grid back to the cropped box (nnunet-inference §4 item 1).
 * @param shape,target transposed order
 * @param planSpacing transposed order
 * @param toldSpacing not transposed: nnU-Net 2.2.1 passes it so, which only the choice of the axis can notice (§2.6)
 */
export function exportTaps(
  shape: Vec3,
  target: Vec3,
  planSpacing: Vec3,
  toldSpacing: Vec3,
  resampling: Resampling,
): VolumeTaps {
  if (shape.join() === target.join()) {
    return [
      copyTaps(shape[0], shape[0]),
      copyTaps(shape[1], shape[1]),
      copyTaps(shape[2], shape[2]),
    ];
  }
  const separate = separateAxis(planSpacing, toldSpacing, resampling);
  const axis = (a: 0 | 1 | 2): AxisTaps =>
    a === separate ? copyTaps(shape[a], target[a]) : linearTaps(shape[a], target[a]);
  return [axis(0), axis(1), axis(2)];
}

function emptyTaps(taps: 1 | 2, m: number): AxisTaps {
  return {
    taps,
    first: new Int32Array(m),
    second: new Int32Array(m),
    w0: new Float64Array(m),
    w1: new Float64Array(m),
  };
}

function clamp(index: number, n: number): number {
  return Math.min(Math.max(index, 0), n - 1);
}
