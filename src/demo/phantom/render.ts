import { smoothField, sampled } from './field.ts';
import type { Contrast } from './contrast.ts';
import type { ScanGrid } from './geometry.ts';
import type { Phantom } from './phantom.ts';
import type { Random } from './random.ts';
import { abs, exp, floor, max, min, round, sqrt } from './maths.ts';

/** A scan before noise: means over each voxel's own volume. */
export interface CleanScan {
  /** [slices, rows, columns], column fastest. */
  readonly signal: Float32Array;
  readonly texture: Float32Array;
}

/**
 * What each voxel of a grid covers in a phantom: positions in the tissue table and the label that most
 * of it has. Sampling once serves every echo of a series.
 */
export interface Sampling {
  readonly grid: ScanGrid;
  /** Samples a voxel. */
  readonly count: number;
  /** Tissues, `count` in a row a voxel. */
  readonly tissues: Uint8Array;
  /** 0..40, [slices, rows, columns]. */
  readonly labels: Uint8Array;
}

/**
 * Takes samples of the phantom in every voxel of a grid: 2 × 2 in the plane, and as many through the
 * thickness of the slice as the phantom has voxels there.
 */
export function sample(phantom: Phantom, grid: ScanGrid): Sampling {
  const [slices, rows, columns] = grid.shape;
  const [nz, ny, nx] = phantom.shape;
  const deep = max(2, min(24, round(grid.thickness / phantom.spacing)));
  const count = 4 * deep;
  const a = grid.affine;
  const per = 1 / phantom.spacing;
  // (column, row, slice) to phantom voxel (x, y, z); half a voxel is added so that cutting off rounds.
  const row = (i: 0 | 1 | 2): readonly [number, number, number, number] => [
    (a[4 * i] ?? 0) * per,
    (a[4 * i + 1] ?? 0) * per,
    (a[4 * i + 2] ?? 0) * per,
    ((a[4 * i + 3] ?? 0) - phantom.origin[i]) * per + 0.5,
  ];
  const [mx, my, mz] = [row(0), row(1), row(2)];
  const [ox, oy, oz] = [mx, my, mz].map((m) => {
    const out = new Float64Array(count);
    let o = 0;
    for (let k = 0; k < deep; k++) {
      const w = ((k + 0.5) / deep - 0.5) * (grid.thickness / grid.spacing[0]);
      for (const v of [-0.25, 0.25])
        for (const u of [-0.25, 0.25]) out[o++] = m[0] * u + m[1] * v + m[2] * w;
    }
    return out;
  }) as [Float64Array, Float64Array, Float64Array];
  const { tissue: source, labels: truth } = phantom;
  const tissues = new Uint8Array(slices * rows * columns * count);
  const labels = new Uint8Array(slices * rows * columns);
  const votes = new Uint8Array(64);
  const seen = new Uint8Array(count);
  const [reachX, reachY] = [ox, oy].map((o) => max(...o)) as [number, number];
  const top = nz - 1;
  for (let s = 0, i = 0; s < slices; s++)
    for (let r = 0; r < rows; r++)
      for (let c = 0; c < columns; c++, i++) {
        const x = mx[0] * c + mx[1] * r + mx[2] * s + mx[3];
        const y = my[0] * c + my[1] * r + my[2] * s + my[3];
        // Air beside the phantom: tissue 0, label 0, as the arrays begin.
        if (x < -reachX || y < -reachY || x > nx + reachX || y > ny + reachY) continue;
        const z = mz[0] * c + mz[1] * r + mz[2] * s + mz[3];
        let labelled = 0;
        for (let o = 0, t = i * count; o < count; o++, t++) {
          const px = x + (ox[o] ?? 0);
          const py = y + (oy[o] ?? 0);
          if (px < 0 || py < 0 || px >= nx || py >= ny) continue;
          // Beyond its ends the body goes on as it ended: no scan shows a cut patient.
          const pz = z + (oz[o] ?? 0);
          const k = pz <= 0 ? 0 : pz >= top ? top : pz | 0;
          const at = (k * ny + (py | 0)) * nx + (px | 0);
          tissues[t] = source[at] ?? 0;
          const l = truth[at] ?? 0;
          if (l !== 0) seen[labelled++] = l;
        }
        // A voxel less than half of which is labelled belongs to the background.
        if (labelled * 2 >= count) labels[i] = commonest(seen, labelled, votes);
      }
  return { grid, count, tissues, labels };
}

/** The value that the first `n` entries hold most often; `votes` is a scratch array of zeros and stays one. */
function commonest(values: Uint8Array, n: number, votes: Uint8Array): number {
  let best = 0;
  let most = 0;
  for (let i = 0; i < n; i++) {
    const v = values[i] ?? 0;
    const count = (votes[v] ?? 0) + 1;
    votes[v] = count;
    if (count > most) {
      most = count;
      best = v;
    }
  }
  for (let i = 0; i < n; i++) votes[values[i] ?? 0] = 0;
  return best;
}

/** Signal of every voxel for a contrast: the magnitude of what its samples add up to. */
export function expose(sampling: Sampling, contrast: Contrast): CleanScan {
  const { count, tissues } = sampling;
  const n = sampling.labels.length;
  const signal = new Float32Array(n);
  const texture = new Float32Array(n);
  const share = 1 / count;
  const { water, fat, texture: rough, fatSign } = contrast;
  const anyFat = fat.some((f) => f !== 0);
  for (let i = 0, t = 0; i < n; i++) {
    let w = 0;
    let f = 0;
    let d = 0;
    for (let o = 0; o < count; o++, t++) {
      const tissue = tissues[t] ?? 0;
      w += water[tissue] ?? 0;
      f += fat[tissue] ?? 0;
      d += rough[tissue] ?? 0;
    }
    signal[i] = anyFat ? abs(w + fatSign * f) * share : w * share;
    texture[i] = d * share;
  }
  return { signal, texture };
}

/** Standard normal noise, [slices, rows, columns], each plane smoothed by [1 2 1]² when `soft`. */
function noise(random: Random, grid: ScanGrid, soft: boolean): Float32Array {
  const [slices, rows, columns] = grid.shape;
  const out = new Float32Array(slices * rows * columns);
  // The four bytes of one random word add up to something normal enough; 147.8 is their deviation.
  for (let i = 0; i < out.length; i++) {
    const word = random.uniform(0, 4294967296) >>> 0;
    const sum = (word & 255) + ((word >>> 8) & 255) + ((word >>> 16) & 255) + (word >>> 24);
    out[i] = (sum - 510) / 147.8;
  }
  if (!soft) return out;
  const smooth = (step: number, from: number): void => {
    for (let i = from; i + step < out.length; i++)
      out[i] = 0.5 * (out[i] ?? 0) + 0.25 * ((out[i - step] ?? 0) + (out[i + step] ?? 0));
  };
  smooth(1, 1);
  smooth(columns, columns);
  // The two passes leave about half of the deviation.
  for (let i = 0; i < out.length; i++) out[i] = 1.9 * (out[i] ?? 0);
  return out;
}

/** Smooth coil shading around 1, [slices, rows, columns]. */
function shading(random: Random, grid: ScanGrid, strength: number): Float32Array {
  const [slices, rows, columns] = grid.shape;
  const [ds, dr, dc] = grid.spacing;
  const high = [columns * dc, rows * dr, slices * ds] as const;
  const field = smoothField(random, [0, 0, 0], high, 170);
  // Sampled on the grid as if it were isotropic along the columns: only smoothness matters here.
  const values = sampled(
    {
      at: (x, y, z) => exp(strength * field.at(x, (y * dr) / dc, (z * ds) / dc)),
    },
    [0, 0, 0],
    dc,
    [slices, rows, columns],
    12,
  );
  return values;
}

/**
 * The image of an MR scanner: texture, shading, Rician noise, scaled to whole numbers.
 * @param random  the coil and the patient: echoes of one scan share shading and texture through it
 * @param noiseLevel  deviation of the noise relative to the bright tissues
 * @param scale  what the receiver multiplies the signal by, see `receiverGain`
 * @param readout  names the readout; each has noise of its own
 * @returns unsigned values below 4096, [slices, rows, columns]
 */
export function magnitudeImage(
  clean: CleanScan,
  grid: ScanGrid,
  random: Random,
  noiseLevel: number,
  scale: number,
  readout = 'first',
): Int16Array {
  const bias = shading(random.fork('shading'), grid, 0.16);
  const grain = noise(random.fork('texture'), grid, true);
  const real = noise(random.fork(`real ${readout}`), grid, false);
  const imaginary = noise(random.fork(`imaginary ${readout}`), grid, false);
  const out = new Int16Array(clean.signal.length);
  const sd = 1000 * noiseLevel;
  for (let i = 0; i < out.length; i++) {
    const s =
      scale * ((clean.signal[i] ?? 0) + (clean.texture[i] ?? 0) * (grain[i] ?? 0)) * (bias[i] ?? 1);
    const a = s + sd * (real[i] ?? 0);
    const b = sd * (imaginary[i] ?? 0);
    out[i] = min(4095, round(sqrt(a * a + b * b)));
  }
  return out;
}

/** Factor that brings the bright tissues of a scan to about 1000: the 97th percentile of what is not air. */
export function receiverGain(clean: CleanScan): number {
  const bright: number[] = [];
  for (let i = 0; i < clean.signal.length; i += 7) {
    const s = clean.signal[i] ?? 0;
    if (s > 0) bright.push(s);
  }
  bright.sort((p, q) => p - q);
  return 1000 / (bright[floor(bright.length * 0.97)] ?? 1);
}

/**
 * The image of a CT: HU with a soft kernel's noise, whole numbers, never below −1024.
 * @param noiseLevel  deviation of the noise, HU
 */
export function attenuationImage(
  clean: CleanScan,
  grid: ScanGrid,
  random: Random,
  noiseLevel: number,
): Int16Array {
  const grain = noise(random.fork('texture'), grid, true);
  const quantum = noise(random.fork('quantum'), grid, true);
  const out = new Int16Array(clean.signal.length);
  for (let i = 0; i < out.length; i++) {
    const s =
      (clean.signal[i] ?? 0) +
      (clean.texture[i] ?? 0) * (grain[i] ?? 0) +
      noiseLevel * (quantum[i] ?? 0);
    out[i] = max(-1024, min(3071, round(s)));
  }
  return out;
}
