import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { loadStructures, loadStructureTable } from '../../src/config/index.ts';
import type { SitusError } from '../../src/contracts/index.ts';
import { errorOf, inFolder, loadText, problemsOf } from './files.ts';

const SHIPPED = 'config/structures.json';
const known = (await loadStructures(SHIPPED)).value;

/** CIE L*a*b* of an sRGB colour (D65), for distances as the eye sees them. */
function lab(rgb: readonly number[]): [number, number, number] {
  const [r = 0, g = 0, b = 0] = rgb.map((value) => {
    const unit = value / 255;
    return unit <= 0.04045 ? unit / 12.92 : ((unit + 0.055) / 1.055) ** 2.4;
  });
  const f = (t: number): number =>
    t > 216 / 24_389 ? Math.cbrt(t) : ((24_389 / 27) * t + 16) / 116;
  const x = f((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.95047);
  const y = f(0.2126 * r + 0.7152 * g + 0.0722 * b);
  const z = f((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.08883);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

describe('the shipped structures', () => {
  it('are the 40 of MRSegmentator in its order, then the ten of body composition', () => {
    expect(known.map(({ index }) => index)).toEqual(Array.from({ length: 50 }, (_, i) => i + 1));
    expect(known[0]?.name).toBe('spleen');
    expect(known[39]?.name).toBe('right_gluteus_minimus');
    expect(known.slice(40).map(({ name }) => name)).toEqual([
      'subcutaneous_fat',
      'visceral_fat',
      'left_rectus_abdominis',
      'right_rectus_abdominis',
      'left_oblique_muscle',
      'right_oblique_muscle',
      'left_quadratus_lumborum',
      'right_quadratus_lumborum',
      'abdominal_subcutaneous_fat',
      'gluteofemoral_fat',
    ]);
  });

  it('have each a code of their own, with the side of their name', () => {
    const codes = known.map(
      ({ type, laterality }) => `${type.scheme} ${type.value} ${laterality?.value ?? ''}`,
    );
    expect(new Set(codes).size).toBe(codes.length);
    for (const { name, laterality } of known) {
      const side = /^(left|right)_/.exec(name)?.[1];
      expect(laterality?.meaning.toLowerCase()).toBe(side);
    }
  });

  it('call no code verified that only Situs uses', () => {
    const own = known.filter(({ type }) => type.scheme === '99SITUS');
    expect(own.map(({ name }) => name)).toEqual([
      'left_oblique_muscle',
      'right_oblique_muscle',
      'abdominal_subcutaneous_fat',
      'gluteofemoral_fat',
    ]);
    expect(own.filter(({ verified }) => verified)).toEqual([]);
  });

  it('have colours that differ, the right side darker', () => {
    const colours = known.map(({ name, rgb }) => ({ name, lab: lab(rgb) }));
    for (const [index, one] of colours.entries()) {
      for (const other of colours.slice(index + 1)) {
        const distance = Math.hypot(
          ...one.lab.map((value, axis) => value - (other.lab[axis] ?? 0)),
        );
        expect([distance > 14, one.name, other.name]).toEqual([true, one.name, other.name]);
      }
    }
    const lightness = new Map(colours.map((one) => [one.name, one.lab[0]]));
    for (const { name } of known.filter((one) => one.name.startsWith('left_'))) {
      const right = lightness.get(name.replace('left_', 'right_')) ?? Infinity;
      expect([name, (lightness.get(name) ?? 0) > right]).toEqual([name, true]);
    }
  });
});

const OWN = `structures:
  - name: left_psoas_minor
    type: { value: '7:000', scheme: 99HOSP, meaning: Psoas minor muscle }
    laterality: left
    rgb: [1, 2, 3]
  - name: lymph_nodes
    type: { value: '59441001', scheme: SCT, meaning: Lymph node }
    category: tissue
    rgb: [9, 8, 7]
`;

describe('structures of a site', () => {
  const load = (path: string) => loadStructures(SHIPPED, path);

  it('follow the shipped ones, complete', async () => {
    const { value } = await loadText(OWN, load);
    expect(value).toHaveLength(52);
    expect(value[50]).toEqual({
      index: 51,
      name: 'left_psoas_minor',
      category: { value: '123037004', scheme: 'SCT', meaning: 'Anatomical Structure' },
      type: { value: '7:000', scheme: '99HOSP', meaning: 'Psoas minor muscle' },
      laterality: { value: '7771000', scheme: 'SCT', meaning: 'Left' },
      rgb: [1, 2, 3],
      verified: false,
      source: 'defined by the site',
    });
    expect(value[51]).toMatchObject({
      index: 52,
      laterality: null,
      category: { meaning: 'Tissue' },
    });
  });

  it.each<[string, string, string, number, RegExp]>([
    ['a name that is taken', 'name: lymph_nodes', 'name: liver', 6, /liver already/],
    ['a name twice', 'name: lymph_nodes', 'name: left_psoas_minor', 6, /already/],
    ['a scheme that is none', 'scheme: SCT', 'scheme: SCTT', 7, /did you mean "SCT"/],
    ['a side without laterality', '    laterality: left\n', '', 2, /needs `laterality: left`/],
    ['a colour out of range', '[9, 8, 7]', '[9, 8, 700]', 9, /255/],
    ['a code that is too long', "'59441001'", "'12345678901234567'", 7, /16/],
    [
      'a code that has another meaning already',
      "value: '59441001', scheme: SCT, meaning: Lymph node",
      "value: '10200004', scheme: SCT, meaning: Lymph node",
      7,
      /is called "Liver" for liver/,
    ],
    ['a key that is unknown', 'category:', 'categroy:', 8, /did you mean "category"/],
  ])('refuse %s, with the line', async (_, from, to, line, message) => {
    const [problem] = problemsOf(await errorOf(OWN.replace(from, to), load));
    expect(problem?.line).toBe(line);
    expect(problem?.message).toMatch(message);
  });
});

describe('the table of a model’s labels', () => {
  const load = (path: string) => loadStructureTable(path, known);
  const TABLE = `spleen_mask: spleen
psoas_minor_left:
  name: left_psoas_minor
  type: { value: '7:000', scheme: 99HOSP, meaning: Psoas minor muscle }
  laterality: left
  rgb: [1, 2, 3]
lymph_nodes: { type: { value: '59441001', scheme: SCT, meaning: Lymph node }, rgb: [9, 8, 7] }
liver: liver
`;

  it('names known structures and defines new ones', async () => {
    const { structures, defined } = await loadText(TABLE, load);
    expect(structures).toEqual({
      spleen_mask: 'spleen',
      psoas_minor_left: 'left_psoas_minor',
      lymph_nodes: 'lymph_nodes',
      liver: 'liver',
    });
    expect(defined.map(({ name, index }) => [name, index])).toEqual([
      ['left_psoas_minor', 51],
      ['lymph_nodes', 52],
    ]);
  });

  it('may be JSON', async () => {
    const { structures } = await loadText('{"a":"liver"}', load);
    expect(structures).toEqual({ a: 'liver' });
  });

  it.each<[string, string, string, number, RegExp]>([
    ['a structure that is misspelt', 'spleen\np', 'spleeen\np', 1, /did you mean "spleen"/],
    ['one that nothing is like', 'spleen\np', 'zebra_stripes\np', 1, /define it here/],
    [
      'a new one under a known name',
      '  name: left_psoas_minor',
      '  name: liver',
      2,
      /liver already/,
    ],
    [
      'two labels for one structure',
      'liver: liver',
      'liver: lymph_nodes',
      8,
      /lymph_nodes already/,
    ],
    ['a new one without a colour', ', rgb: [9, 8, 7] }', ' }', 7, /expected tuple|rgb|undefined/i],
  ])('refuses %s, with the line', async (_, from, to, line, message) => {
    const [problem] = problemsOf(await errorOf(TABLE.replace(from, to), load));
    expect(problem?.line).toBe(line);
    expect(problem?.message).toMatch(message);
  });

  it('that is not there is named', async () => {
    await inFolder(async (folder) => {
      await writeFile(join(folder, 'other.yaml'), TABLE);
      const missing = await load(join(folder, 'table.yaml')).then(
        () => null,
        (thrown: unknown) => thrown as SitusError,
      );
      expect(missing?.code).toBe('CONFIG_NOT_FOUND');
    });
  });
});
