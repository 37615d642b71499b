import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { missingStructures } from '../../../src/demo/phantom/export.ts';
import { label, STRUCTURE_NAMES, type StructureName } from '../../../src/demo/phantom/labels.ts';
import { makePhantom, type Phantom } from '../../../src/demo/phantom/phantom.ts';

const phantoms = [1001, 9003, 9517].map((seed) => makePhantom(seed, 4));

interface Place {
  /** Mean position in patient LPS mm. */
  readonly centre: readonly [x: number, y: number, z: number];
  readonly ml: number;
}

function place(phantom: Phantom, name: StructureName): Place {
  const [nz, ny, nx] = phantom.shape;
  const wanted = label(name);
  const sum = [0, 0, 0] as [number, number, number];
  let n = 0;
  for (let z = 0, i = 0; z < nz; z++)
    for (let y = 0; y < ny; y++)
      for (let x = 0; x < nx; x++, i++) {
        if (phantom.labels[i] !== wanted) continue;
        sum[0] += x;
        sum[1] += y;
        sum[2] += z;
        n++;
      }
  const at = (i: 0 | 1 | 2): number => phantom.origin[i] + (phantom.spacing * sum[i]) / n;
  return { centre: [at(0), at(1), at(2)], ml: (n * phantom.spacing ** 3) / 1000 };
}

describe('the structures of a phantom', () => {
  it('are named and numbered as in config/structures.json', () => {
    const listed = JSON.parse(readFileSync('config/structures.json', 'utf8')) as {
      index: number;
      name: string;
    }[];
    // Those of body composition models follow; phantoms have none of them.
    const first = listed.slice(0, STRUCTURE_NAMES.length);
    expect(first.map((s) => [s.index, s.name])).toEqual(
      STRUCTURE_NAMES.map((name, i) => [i + 1, name]),
    );
  });

  it.each(phantoms.map((p) => [p.seed, p] as const))('are all there for seed %i', (_seed, p) => {
    expect(missingStructures(p)).toEqual([]);
  });

  it.each(phantoms.map((p) => [p.seed, p] as const))(
    'lie where they belong for seed %i (LPS: +x left, +y back, +z head)',
    (_seed, p) => {
      for (const name of STRUCTURE_NAMES) {
        if (!name.startsWith('left_')) continue;
        const right = name.replace('left_', 'right_') as StructureName;
        expect(place(p, name).centre[0]).toBeGreaterThan(place(p, right).centre[0] + 10);
      }
      const at = (name: StructureName): Place['centre'] => place(p, name).centre;
      expect(at('liver')[0]).toBeLessThan(at('stomach')[0]);
      expect(at('stomach')[0]).toBeLessThan(at('spleen')[0]);
      expect(at('inferior_vena_cava')[0]).toBeLessThan(at('aorta')[0]);
      expect(at('spine')[1]).toBeGreaterThan(at('aorta')[1]);
      expect(at('gallbladder')[1]).toBeLessThan(at('right_kidney')[1]);
      expect(at('left_gluteus_maximus')[1]).toBeGreaterThan(at('urinary_bladder')[1]);
      const downwards = ['heart', 'liver', 'small_bowel', 'urinary_bladder'] as const;
      const heights = downwards.map((name) => at(name)[2]);
      expect(heights).toEqual([...heights].sort((a, b) => b - a));
    },
  );

  it.each([
    ['liver', 900, 2600],
    ['spleen', 60, 450],
    ['left_kidney', 80, 300],
    ['pancreas', 35, 160],
    ['heart', 300, 900],
    ['left_adrenal_gland', 3, 15],
  ] as const)('have a human size: %s %i to %i ml', (name, least, most) => {
    for (const p of phantoms) {
      const { ml } = place(p, name);
      expect(ml).toBeGreaterThan(least);
      expect(ml).toBeLessThan(most);
    }
  });
});

describe('a seed', () => {
  it('makes the same phantom each time', () => {
    const [first] = phantoms;
    const again = makePhantom(first?.seed ?? 0, 4);
    expect(Buffer.compare(again.labels, first?.labels ?? new Uint8Array())).toBe(0);
    expect(Buffer.compare(again.tissue, first?.tissue ?? new Uint8Array())).toBe(0);
  });

  it('makes the same patient on a finer grid', () => {
    const [coarse] = phantoms;
    if (coarse === undefined) throw new Error('no phantom');
    const fine = makePhantom(coarse.seed, 3);
    for (const name of ['liver', 'left_kidney', 'aorta', 'urinary_bladder'] as const) {
      const [a, b] = [place(coarse, name), place(fine, name)];
      expect(b.ml / a.ml).toBeCloseTo(1, 1);
      for (const i of [0, 1, 2] as const) {
        expect(Math.abs(a.centre[i] - b.centre[i])).toBeLessThan(2);
      }
    }
  });

  it('of another number makes another patient', () => {
    const volumes = phantoms.map((p) => Math.round(place(p, 'liver').ml));
    expect(new Set(volumes).size).toBe(phantoms.length);
  });
});
