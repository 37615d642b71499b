import type { ModelCard, ModelFigure } from '../../contracts/index.ts';
import type { LoadedModel } from './folder.ts';

/** The card of a model. Nothing that its manifest says of use, data, figures, limits and origin is left out. */
export function modelCard(model: Pick<LoadedModel, 'manifest' | 'hash'>): ModelCard {
  const { manifest, hash } = model;
  const { plan, source } = manifest;
  const structures = manifest.labels.map(({ structure }) => structure);
  const facts: { name: string; value: string }[] = [];
  const figures: ModelFigure[] = [];
  for (const [name, value] of Object.entries(manifest.card)) {
    const figure = figureOf(name, value, structures);
    if (figure === null) facts.push({ name, value: String(value) });
    else figures.push(figure);
  }
  return {
    name: manifest.name,
    version: manifest.version,
    hash,
    licence: manifest.licence,
    intendedUse: manifest.intendedUse,
    sequences: manifest.sequences,
    structures,
    facts,
    figures,
    network: {
      kind: plan.architecture.kind,
      configuration: plan.configuration,
      spacing: plan.spacing,
      patch: plan.patchSize,
      mirrorAxes: plan.mirrorAxes,
    },
    trainer: source.trainer,
    dataset: source.dataset,
    folds: manifest.folds,
    sources: source.files,
    download: source.download ?? null,
    weightsVersion: source.weightsVersion ?? null,
  };
}

/** `Dice ct_abdomen liver` or `Dice ct_abdomen` with a number; anything else is a fact. */
function figureOf(
  name: string,
  value: string | number,
  structures: readonly string[],
): ModelFigure | null {
  const [measure = '', scanType = '', structure, ...more] = name.split(' ');
  if (typeof value !== 'number' || scanType === '' || more.length > 0) return null;
  if (structure !== undefined && !structures.includes(structure)) return null;
  return { measure, scanType, structure: structure ?? null, value };
}
