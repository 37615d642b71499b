import { join } from 'node:path';
import type { ModelCard } from '../../src/contracts/index.ts';
import { SHIPPED_MODELS } from '../../src/models.ts';
import { loadModel, modelCard } from '../../src/segmentation/index.ts';

/** The card of a made-up model with everything that a card can have. */
export function modelCardOf(changes: Partial<ModelCard> = {}): ModelCard {
  const sha256 = (digit: string): string => digit.repeat(64);
  const structures = ['liver', 'spleen', 'right_kidney', 'left_kidney', 'aorta'];
  return {
    name: 'demo',
    version: '0.1.0',
    hash: sha256('a'),
    licence: 'Apache-2.0',
    intendedUse:
      'Demonstration and tests of Situs. Trained on generated phantoms only; not for patients.',
    sequences: ['t1_in_phase', 'haste', 'ct_abdomen'],
    structures,
    facts: [
      { name: 'manufacturer', value: 'The Situs developers' },
      {
        name: 'training',
        value: 'Generated phantoms of CT, T1 in-phase and HASTE; no patient data',
      },
      { name: 'limits', value: 'Coarse (6 mm); knows healthy adults only' },
    ],
    figures: ['ct_abdomen', 't1_in_phase', 'haste'].flatMap((scanType, column) => [
      { measure: 'Dice', scanType, structure: null, value: 0.76 - column / 100 },
      ...structures.slice(0, 4).map((structure, row) => ({
        measure: 'Dice',
        scanType,
        structure,
        value: Number((0.93 - row / 20 - column / 50).toFixed(3)),
      })),
      { measure: 'HD95', scanType, structure: 'liver', value: 8.5 + column },
    ]),
    network: {
      kind: 'PlainConvUNet',
      configuration: '3d_fullres',
      spacing: [6, 6, 6],
      patch: [64, 64, 64],
      mirrorAxes: [],
    },
    trainer: 'nnUNetTrainerNoMirroring',
    dataset: 'Dataset901_SitusPhantoms',
    folds: [{ fold: 0, file: 'fold-0.onnx', bytes: 8_866_540, sha256: sha256('b') }],
    sources: [
      { file: 'plans.json', bytes: 2355, sha256: sha256('c') },
      { file: 'fold_0/checkpoint_final.pth', bytes: 8_944_554, sha256: sha256('d') },
    ],
    download: {
      address: 'https://models.example.org/demo.zip',
      bytes: 9_000_000,
      sha256: sha256('e'),
      at: '2026-03-01T10:04:09Z',
    },
    weightsVersion: '1.2',
    ...changes,
  };
}

/** The card of a scene's model; that of the real demo model for people to look at. */
export async function sceneCard(
  body: 'boxes' | 'phantom',
  model: { readonly modelVersion: string; readonly modelHash: string },
): Promise<ModelCard> {
  const as = { version: model.modelVersion, hash: model.modelHash };
  if (body === 'boxes') return modelCardOf(as);
  return { ...modelCard(await loadModel(join(SHIPPED_MODELS, 'demo'))), ...as };
}
