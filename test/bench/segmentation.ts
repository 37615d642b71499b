import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportTaps } from '../../src/segmentation/export/axis-taps.ts';
import { labelExporter } from '../../src/segmentation/export/label-exporter.ts';
import type { Vec3 } from '../../src/segmentation/plans/plan.ts';
import { resizeVolume } from '../../src/segmentation/preprocess/resize-image.ts';
import { measure, type Measurement } from './measure.ts';

const HEADS = 41;
const GRID: Vec3 = [100, 128, 128];
const OUTPUT: Vec3 = [50, 128, 128];
const IMAGE: Vec3 = [61, 50, 56];
const RESIZED: Vec3 = [122, 101, 112];
const PLANE = GRID[1] * GRID[2];

/**
 * Export and image resampling, the work of a job besides the network. With `SITUS_BENCH_NNUNET` naming a Python that has
 * nnunetv2 2.2.1, the same arrays go through nnU-Net in the same run, and the ratio of processor seconds is told (one thread each).
 */
export function benchSegmentation(): Measurement[] {
  const rows = organLikeRows();
  const image = Float32Array.from({ length: volume(IMAGE) }, (_, i) => Math.sin(i * 0.37) * 100);
  const resize = (): Float32Array => resizeVolume(image, IMAGE, RESIZED, 3, () => undefined);
  let labels = exportLabels(rows);
  const peer = peerSeconds(rows, image);
  return [
    measure(
      `export ${HEADS} channels of ${GRID.join('×')} to ${OUTPUT.join('×')}`,
      5,
      () => {
        labels = exportLabels(rows);
      },
      () => ({
        foreground: labels.filter((label) => label !== 0).length / labels.length,
        ...compared(peer?.export, () => exportLabels(rows)),
        ...(peer === null ? {} : { labelsThatDiffer: countDifferences(labels, peer.labels) }),
      }),
    ),
    measure(`cubic resize ${IMAGE.join('×')} to ${RESIZED.join('×')}`, 5, resize, () =>
      compared(peer?.resize, resize),
    ),
  ];
}

const volume = (shape: Vec3): number => shape[0] * shape[1] * shape[2];

/** Processor seconds of one more run against those of the peer. */
function compared(
  peerSeconds: number | undefined,
  work: () => unknown,
): Readonly<Record<string, unknown>> {
  const start = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(start);
  const cpuSeconds = (user + system) / 1e6;
  if (peerSeconds === undefined) return { cpuSeconds };
  return { cpuSeconds, peer: 'nnunetv2 2.2.1', peerSeconds, ratio: peerSeconds / cpuSeconds };
}

/** Rows [channels, y, x]: a background and forty round organs with soft borders. */
function organLikeRows(): Float16Array<ArrayBuffer>[] {
  const centre = (channel: number, axis: 0 | 1 | 2): number =>
    Math.abs(Math.sin(channel * (12.9 + 24.3 * axis))) * GRID[axis];
  return Array.from({ length: GRID[0] }, (_, z) =>
    Float16Array.from({ length: HEADS * PLANE }, (__, at) => {
      const channel = Math.floor(at / PLANE);
      const y = Math.floor(at / GRID[2]) % GRID[1];
      const x = at % GRID[2];
      if (channel === 0) return 6 + Math.sin(0.21 * x + 0.13 * y + 0.17 * z);
      const radius = Math.hypot(
        z - centre(channel, 0),
        y - centre(channel, 1),
        x - centre(channel, 2),
      );
      return 16 - 0.7 * radius + 0.6 * Math.sin(0.3 * x + channel) * Math.cos(0.27 * y + channel);
    }),
  );
}

function exportLabels(rows: readonly Float16Array<ArrayBuffer>[]): Uint8Array {
  const labels = new Uint8Array(volume(OUTPUT));
  const resampling = { order: 1, forceSeparateZ: null, anisotropyThreshold: 3 } as const;
  const taps = exportTaps(GRID, OUTPUT, [1, 1, 1], [2, 1, 1], resampling);
  const view = { shape: OUTPUT, stride: [PLANE, GRID[2], 1], base: 0 } as const;
  const plan = { shape: GRID, heads: HEADS, rule: { kind: 'argmax' }, taps, view } as const;
  const exporter = labelExporter(plan, labels);
  for (const [z, row] of rows.entries()) exporter.push(z, row);
  return labels;
}

interface Peer {
  readonly export: number;
  readonly resize: number;
  readonly labels: Uint8Array;
}

/** Runs nnU-Net's own functions on the same arrays; null when no Python with nnU-Net is named. */
function peerSeconds(rows: readonly Float16Array[], image: Float32Array): Peer | null {
  const python = process.env['SITUS_BENCH_NNUNET'];
  if (python === undefined) return null;
  const folder = mkdtempSync(join(tmpdir(), 'situs-bench-'));
  try {
    writeFileSync(
      join(folder, 'rows.f16'),
      Buffer.concat(rows.map((row) => Buffer.from(row.buffer))),
    );
    writeFileSync(join(folder, 'image.f32'), Buffer.from(image.buffer));
    const script = join(import.meta.dirname, 'nnunet_peer.py');
    const shapes = JSON.stringify({
      heads: HEADS,
      grid: GRID,
      output: OUTPUT,
      image: IMAGE,
      resized: RESIZED,
    });
    const answer = execFileSync(python, [script, folder, shapes], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const seconds = JSON.parse(answer.trim().split('\n').at(-1) ?? '{}') as {
      export: number;
      resize: number;
    };
    return { ...seconds, labels: new Uint8Array(readFileSync(join(folder, 'labels.u8'))) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function countDifferences(ours: Uint8Array, theirs: Uint8Array): number {
  return ours.filter((label, i) => label !== theirs[i]).length;
}
