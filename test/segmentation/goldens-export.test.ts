import { describe, expect, it } from '@jest/globals';
import type { Vec3 } from '../../src/segmentation/plans/plan.ts';
import { voxelCount } from '../../src/segmentation/preprocess/grid-view.ts';
import { NaiveExport } from './support/naive-export.ts';
import type { Changes } from './support/tier-a-doors.ts';
import { denseLabels, exportLabels, planOf, prepare } from './support/tier-a-doors.ts';
import type { LogitKind } from './support/tier-a-formulas.ts';
import { logitsOf } from './support/tier-a-formulas.ts';
import { differentBits, openTierA } from './support/tier-a.ts';

const ONE: Vec3 = [1, 1, 1];

/**
 * nnU-Net 2.2.1 compares binary32 softmax probabilities, in which leads below 2^-22 can vanish, so that a lower channel
 * wins (nnunet-inference §4). The product compares the halves themselves, as the newest nnU-Net does. Only logits that are
 * all below 1e-3 lie that close without being equal, and no trained network answers so.
 */
function isLostInSoftmax(halves: Float16Array, ours: number, theirs: number): boolean {
  const lead = (halves[ours] ?? 0) - (halves[theirs] ?? 0);
  return theirs < ours && lead < 2 ** -22 && Math.abs(halves[ours] ?? 0) < 1e-3;
}

interface Decided {
  readonly name: string;
  readonly shape: Vec3;
  readonly target: Vec3;
  readonly tiny: boolean;
  /** Voxels in which nnU-Net's label is not the largest half's channel. */
  readonly lostInSoftmax: number;
  readonly changes: Changes;
}
const A18 = openTierA<{ volumes: readonly Decided[] }>('A18');

describe(A18.name, () => {
  const decided = A18.facts.volumes.map((volume, index) => ({ ...volume, index }));
  const compare = ({ index, changes, shape, target }: (typeof decided)[number]) => {
    const logits = new Float16Array(A18.array(`logits${index}`, 'u16').buffer);
    const reference = A18.array(`labels${index}`, 'u8');
    const plan = planOf(changes);
    const labels = denseLabels({ logits, shape, plan, toldSpacing: ONE }, target);
    return { logits, reference, labels, heads: plan.architecture.heads };
  };

  it.each(decided.filter(({ tiny }) => !tiny))('decides every voxel alike: $name', (volume) => {
    const { labels, reference } = compare(volume);
    expect(labels).toEqual(reference);
  });

  it.each(decided.filter(({ tiny }) => tiny))(
    'differs in $lostInSoftmax voxels, where softmax loses the lead: $name',
    (volume) => {
      const { logits, labels, reference, heads } = compare(volume);
      const size = voxelCount(volume.shape);
      let lost = 0;
      labels.forEach((label, i) => {
        const theirs = reference[i] ?? -1;
        if (label === theirs) return;
        const halves = Float16Array.from({ length: heads }, (_, c) => logits[c * size + i] ?? 0);
        expect(isLostInSoftmax(halves, label, theirs)).toBe(true);
        lost += 1;
      });
      expect(lost).toBe(volume.lostInSoftmax);
    },
  );
});

interface Uncropped {
  readonly name: string;
  readonly seed: number;
  readonly heads: number;
  readonly shape: Vec3;
  readonly spacing: Vec3;
  readonly network: Vec3;
  readonly type: 'uint8' | 'uint16';
  readonly kind?: LogitKind;
  readonly changes: Changes;
}

/** Ones with zeros around, as `bordered` of `goldens/tier_a/export.py` makes them. */
function bordered([planes, lines, points]: Vec3): Float32Array<ArrayBuffer> {
  const voxels = new Float32Array(planes * lines * points);
  for (let z = 2; z < planes - 1; z += 1) {
    for (let y = 0; y < lines; y += 1) {
      voxels.fill(1, (z * lines + y) * points + 1, (z * lines + y + 1) * points);
    }
  }
  return voxels;
}

/** Crops the bordered volume, makes logits on the network's grid and exports them. */
function exportWhole(volume: Uncropped) {
  const plan = planOf(volume.changes);
  const voxels = bordered(volume.shape);
  const { shape, view, toldSpacing } = prepare(voxels, volume.shape, volume.spacing, plan);
  expect(shape).toEqual(volume.network);
  const logits = logitsOf(volume.kind ?? 'random', volume.seed, volume.heads, shape);
  const labels = new Uint8Array(voxels.length);
  exportLabels({ logits, shape, view, plan, toldSpacing }, labels);
  return { labels, logits, shape, view, plan };
}

const A19 = openTierA<{ volumes: readonly Uncropped[] }>('A19');

describe(A19.name, () => {
  const volumes = A19.facts.volumes.map((volume, index) => ({ ...volume, index }));

  it.each(volumes.filter(({ heads }) => heads <= 256))(
    'writes the same labels: $name',
    (volume) => {
      const stored = `labels${volume.index}`;
      const reference =
        volume.type === 'uint8' ? A19.array(stored, 'u8') : A19.array(stored, 'u16');
      expect([...exportWhole(volume).labels]).toEqual([...reference]);
    },
  );

  it('refuses models whose labels need more than a byte', () => {
    const large = volumes.find(({ heads }) => heads > 256);
    expect(large?.type).toBe('uint16');
    expect(() => planOf(large?.changes ?? { top: {}, configuration: {}, dataset: {} })).toThrow(
      'more than 255 labels',
    );
  });
});

const A20 = openTierA<{ volumes: readonly (Uncropped & { kind: LogitKind })[] }>('A20');

describe(A20.name, () => {
  it.each(A20.facts.volumes.map((volume, index) => ({ ...volume, index })))(
    'labels every voxel alike: $name',
    (volume) => {
      const { labels, logits, shape, view, plan } = exportWhole(volume);
      const naive = new NaiveExport(logits, volume.heads, shape, view.shape, [
        plan.spacing,
        volume.spacing,
      ]);
      const expected = new Uint8Array(labels.length);
      const dense = naive.labels();
      const places = new Map<number, Vec3>();
      dense.forEach((label, at) => {
        const place: Vec3 = [
          Math.floor(at / (view.shape[1] * view.shape[2])),
          Math.floor(at / view.shape[2]) % view.shape[1],
          at % view.shape[2],
        ];
        const index = place.reduce((sum, n, axis) => sum + n * (view.stride[axis] ?? 0), view.base);
        expected[index] = label;
        places.set(index, place);
      });
      expect(differentBits(labels, expected, 1)).toBe(0);

      const reference = A20.array(`labels${volume.index}`, 'u8');
      const different = [...places].filter(([index]) => labels[index] !== reference[index]);
      const lost = different.filter(([index, [k, j, i]]) =>
        isLostInSoftmax(naive.halves(k, j, i), labels[index] ?? 0, reference[index] ?? 0),
      );
      expect(lost.length).toBe(different.length);
      if (volume.kind !== 'tiny') expect(different.length).toBe(0);
      expect(new Set(labels).size).toBeGreaterThan(1);
    },
  );
});
