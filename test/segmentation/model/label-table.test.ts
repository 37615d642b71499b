import { describe, expect, it } from '@jest/globals';
import type { Structure } from '../../../src/contracts/index.ts';
import { codedStructures, importModel, requireCodes } from '../../../src/segmentation/index.ts';
import type { ImportOptions, LoadedModel } from '../../../src/segmentation/index.ts';
import { labelTable } from '../../../src/segmentation/model/label-table.ts';
import { STRUCTURES } from '../../support/structures.ts';
import { rejection } from '../support/errors.ts';
import { nnunetFiles, temporaryFolder, writeFolder } from '../support/nnunet-folder.ts';

const LABELS = [
  { value: 1, name: 'liver_mask' },
  { value: 2, name: 'spleen' },
];
const KNOWN = STRUCTURES.map(({ name }) => name);
const NODES: Structure = {
  index: 51,
  name: 'lymph_nodes',
  category: { value: '85756007', scheme: 'SCT', meaning: 'Tissue' },
  type: { value: '59441001', scheme: 'SCT', meaning: 'Lymph node' },
  laterality: null,
  rgb: [1, 2, 3],
  verified: false,
  source: 'defined by the site',
};

function refusal(work: () => unknown): unknown {
  try {
    work();
  } catch (thrown) {
    return thrown;
  }
  return null;
}

describe('the structures of a model’s labels', () => {
  it('are those of the table, and the labels’ own names where it says nothing', () => {
    const structures = { liver_mask: 'liver' };
    expect(labelTable(LABELS, { structures, defined: [], known: KNOWN })).toEqual([
      { value: 1, name: 'liver_mask', structure: 'liver' },
      { value: 2, name: 'spleen', structure: 'spleen' },
    ]);
  });

  it('are refused when they have no codes, with the nearest known names', () => {
    const labels = [...LABELS, { value: 3, name: 'spleeen' }, { value: 4, name: 'zebra_stripes' }];
    const wishes = { structures: { liver_mask: 'liver' }, defined: [], known: KNOWN };
    expect(refusal(() => labelTable(labels, wishes))).toMatchObject({
      code: 'MODEL_STRUCTURE_UNKNOWN',
      errorClass: 'refuse',
      message: expect.stringContaining('spleeen (is spleen meant?), zebra_stripes;'),
      next: expect.stringContaining('--structures'),
      details: { unknown: ['spleeen', 'zebra_stripes'] },
    });
  });

  it('are taken without codes when nothing is known, or when they come with the model', () => {
    const labels = [{ value: 1, name: 'lymph_nodes' }];
    expect(labelTable(labels, { structures: {}, defined: [], known: null })).toHaveLength(1);
    expect(labelTable(labels, { structures: {}, defined: [NODES], known: KNOWN })).toHaveLength(1);
  });

  it('are not two labels’ at once', () => {
    const wishes = { structures: { liver_mask: 'spleen' }, defined: [], known: KNOWN };
    expect(refusal(() => labelTable(LABELS, wishes))).toMatchObject({
      code: 'MODEL_STRUCTURE_TWICE',
      message: 'The labels liver_mask and spleen both stand for spleen.',
    });
  });
});

describe('a model with structures of its own', () => {
  const importTwo = (extra: Partial<ImportOptions>): Promise<LoadedModel> =>
    importModel({
      input: writeFolder(nnunetFiles()),
      out: `${temporaryFolder()}/model`,
      name: 'two',
      structures: { structure_1: 'liver', structure_2: 'lymph_nodes' },
      known: STRUCTURES,
      ...extra,
    });

  it('carries their codes, and the site’s win', async () => {
    const spare = { ...NODES, name: 'not_of_this_model' };
    const model = await importTwo({ defined: [NODES, spare] });
    expect(model.manifest.structures).toEqual([NODES]);
    expect(codedStructures(model, STRUCTURES).at(-1)).toEqual(NODES);
    const corrected = { ...NODES, type: { ...NODES.type, value: '1' } };
    const known = [...STRUCTURES, corrected];
    expect(codedStructures(model, known)).toEqual(known);
    expect(requireCodes(model, STRUCTURES)).toHaveLength(STRUCTURES.length + 1);
  });

  it('is refused without them', async () => {
    const error = await rejection(importTwo({}));
    expect(error?.code).toBe('MODEL_STRUCTURE_UNKNOWN');
  });

  it('may be imported without them, but not asked for coded results', async () => {
    const model = await importModel({
      input: writeFolder(nnunetFiles()),
      out: `${temporaryFolder()}/model`,
      name: 'two',
    });
    expect(refusal(() => requireCodes(model, STRUCTURES))).toMatchObject({
      code: 'MODEL_STRUCTURE_UNKNOWN',
      errorClass: 'usage',
      details: { missing: ['structure_1', 'structure_2'] },
    });
  });
});
