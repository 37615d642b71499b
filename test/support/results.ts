import type { Findings, Labels, StructureFindings, Volume } from '../../src/contracts/index.ts';
import { resultIdentity, type ResultIdentity, type ResultInput } from '../../src/results/index.ts';
import { STRUCTURES } from './structures.ts';

/** Everything a result is made from, plausible and the same at every call. */
export function makeResultInput(
  volume: Volume,
  labels: Labels,
  identity: Partial<ResultIdentity> = {},
): ResultInput {
  return {
    volume,
    labels,
    structures: STRUCTURES,
    identity: {
      ...resultIdentity(volume, labels.run, {
        content: 'c0ffee',
        run: 1,
        instanceNumber: 1,
        node: 'radiology-1',
      }),
      ...identity,
    },
    equipment: {
      manufacturer: 'Situs',
      model: 'Situs',
      serial: 'radiology-1',
      softwareVersion: '0.1.0',
    },
    algorithm: {
      name: labels.run.model,
      version: labels.run.modelVersion,
      manufacturer: 'Makers of Models',
      parameters: ['folds=0', 'spacing=true'],
    },
    contentTime: new Date('2024-03-01T10:00:00.250Z'),
  };
}

/** Findings computed plainly from voxels and labels; population SD. */
export function makeFindings(volume: Volume, labels: Labels): Findings {
  const [slices, rows, columns] = volume.shape;
  const byLabel = new Map<number, number[]>();
  labels.voxels.forEach((label, index) => {
    if (label === 0) return;
    byLabel.set(label, [...(byLabel.get(label) ?? []), index]);
  });
  const millilitres = (volume.spacing[0] * volume.spacing[1] * volume.spacing[2]) / 1_000;
  const structures = [...byLabel]
    .sort(([a], [b]) => a - b)
    .map(([label, indices]): StructureFindings => {
      const values = indices.map((index) => volume.voxels[index] ?? 0).sort((a, b) => a - b);
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
      const middle = values.length / 2;
      return {
        label,
        structure: labels.structures[label] ?? '',
        voxels: values.length,
        volumeMl: values.length * millilitres,
        intensity: {
          mean,
          sd: Math.sqrt(variance),
          median: ((values[Math.ceil(middle) - 1] ?? 0) + (values[Math.floor(middle)] ?? 0)) / 2,
          minimum: values[0] ?? 0,
          maximum: values.at(-1) ?? 0,
        },
        truncated: indices.some((index) => {
          const column = index % columns;
          const row = Math.floor(index / columns) % rows;
          const slice = Math.floor(index / (rows * columns));
          return (
            [0, columns - 1].includes(column) ||
            [0, rows - 1].includes(row) ||
            [0, slices - 1].includes(slice)
          );
        }),
        centroid: [0, 0, 0],
      };
    });
  return { unit: volume.unit, structures, gate: [], level: 'pass' };
}
