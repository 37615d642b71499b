import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { loadLabelTable } from '../../src/evaluate-folders/label-tables.ts';
import { STRUCTURES } from '../support/structures.ts';

const FORTY = STRUCTURES.filter(({ index }) => index <= 40);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'situs-mapping-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('the shipped label mappings', () => {
  it('situs and mrsegmentator number the forty structures', async () => {
    const wanted = Object.fromEntries(FORTY.map(({ index, name }) => [index, name]));
    expect((await loadLabelTable('situs')).labels).toEqual(wanted);
    expect((await loadLabelTable('mrsegmentator')).labels).toEqual(wanted);
  });

  // MRSegmentator metadata/total2new.json: label of TotalSegmentator's "total" → label of MRSegmentator, 0 for none.
  const TOTAL = [
    ...[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 10, 11, 11, 11, 20, 0, 0, 21, 22, 23, 24, 0, 0, 0, 26],
    ...Array.from({ length: 25 }, () => 25),
    ...[12, 13, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 14, 15, 16, 17, 18, 19, 0, 0, 0, 0, 0, 0],
    ...[29, 30, 27, 28, 0, 35, 36, 37, 38, 39, 40, 31, 32, 33, 34],
    ...Array.from({ length: 28 }, () => 0),
  ];
  // MRSegmentator evaluation/mappings.py: total_to_mrseg (56 classes) and amos_to_mrseg.
  const TOTAL_MR_56 = [
    ...[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 20, 21, 22, 23, 24, 0, 26, 25, 0, 0, 12, 13, 14, 15],
    ...[16, 17, 18, 19, 0, 0, 0, 0, 29, 30, 27, 28, 35, 36, 37, 38, 39, 40, 31, 32, 33, 34],
    ...Array.from({ length: 9 }, () => 0),
  ];
  const AMOS = [1, 2, 3, 4, 20, 5, 6, 13, 14, 7, 8, 9, 22];
  const known: readonly (readonly [string, readonly number[], number])[] = [
    ['totalsegmentator', TOTAL, 117],
    ['totalsegmentator_mr_56', TOTAL_MR_56, 56],
    ['amos', AMOS, 15],
  ];
  it.each(known)('%s is merged as the authors of MRSegmentator do', async (name, table, count) => {
    const { labels } = await loadLabelTable(name);
    expect(Object.keys(labels)).toHaveLength(count);
    table.forEach((index, place) => {
      const structure = FORTY.find((one) => one.index === index)?.name;
      const ours = labels[place + 1];
      if (structure === undefined) expect(FORTY.map((one) => one.name)).not.toContain(ours);
      else expect([place + 1, ours]).toEqual([place + 1, structure]);
    });
  });

  it('totalsegmentator_mr has 50 classes and all forty structures', async () => {
    const { labels } = await loadLabelTable('totalsegmentator_mr');
    expect(Object.keys(labels)).toHaveLength(50);
    expect(new Set(Object.values(labels)).size).toBe(50);
    for (const { name } of FORTY) expect(Object.values(labels)).toContain(name);
    // class_map["total_mr"] of TotalSegmentator 2.4 and later.
    expect([labels[19], labels[30], labels[36], labels[46]]).toEqual([
      'spine',
      'humerus_left',
      'left_femur',
      'left_autochthonous_muscle',
    ]);
  });
});

describe("a user's label mapping", () => {
  it('may be JSON, merge labels, and name structures of its own', async () => {
    const path = join(folder, 'own.json');
    const labels = { 1: 'liver', 2: { name: 'Tumour in liver', structure: 'liver' }, 900: 'stent' };
    await writeFile(path, JSON.stringify({ title: 'own', source: 'me', labels }));
    expect((await loadLabelTable(path)).labels).toEqual({ 1: 'liver', 2: 'liver', 900: 'stent' });
  });

  const broken: readonly (readonly [string, string, RegExp])[] = [
    ['a label that is no number', 'title: a\nsource: b\nlabels:\n  liver: 5\n', /own\.yaml:4/],
    ['the background', 'title: a\nsource: b\nlabels:\n  0: liver\n', /own\.yaml:4.*1 to 65535/],
    ['a name with spaces', 'title: a\nsource: b\nlabels:\n  5: my liver\n', /own\.yaml:4.*letters/],
    ['an unknown key', 'title: a\nsource: b\nlabel:\n  5: liver\n', /did you mean "labels"/],
  ];
  it.each(broken)('with %s is refused by line', async (_what, text, message) => {
    const path = join(folder, 'own.yaml');
    await writeFile(path, text);
    await expect(loadLabelTable(path)).rejects.toThrow(message);
    await expect(loadLabelTable(path)).rejects.toMatchObject({ code: 'CONFIG_INVALID', errorClass: 'usage' }); // prettier-ignore
  });
});
