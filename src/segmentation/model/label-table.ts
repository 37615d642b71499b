import { nearest, refuse, SitusError, type Structure } from '../../contracts/index.ts';
import type { LoadedModel } from './folder.ts';
import type { ModelManifest } from './manifest.ts';

/** What a site says of a model's labels. */
export interface LabelWishes {
  /** nnU-Net label name → structure name, where they differ; other labels keep their names. */
  readonly structures: Readonly<Record<string, string>>;
  /** Structures that come with the model, for those that Situs has no codes for. */
  readonly defined: readonly Structure[];
  /** Names of the structures with codes; null: structures without codes are taken too. */
  readonly known: readonly string[] | null;
}

/**
 * The structure that each label of a network stands for.
 * @throws SitusError `MODEL_LABEL_UNKNOWN` (usage), `MODEL_STRUCTURE_TWICE`, `MODEL_STRUCTURE_UNKNOWN` (refuse) with the
 *   nearest known names.
 */
export function labelTable(
  labels: readonly { readonly value: number; readonly name: string }[],
  { structures, defined, known }: LabelWishes,
): ModelManifest['labels'] {
  const names = labels.map(({ name }) => name);
  const strange = Object.keys(structures).filter((name) => !names.includes(name));
  if (strange.length > 0) {
    throw new SitusError({
      code: 'MODEL_LABEL_UNKNOWN',
      message: `The model has no label named ${strange.join(', ')}.`,
      next: `Its labels are ${names.join(', ')}.`,
      errorClass: 'usage',
      origin: 'input',
    });
  }
  const table = labels.map(({ value, name }) => ({
    value,
    name,
    structure: Object.hasOwn(structures, name) ? (structures[name] ?? name) : name,
  }));
  requireOnce(table);
  if (known !== null) requireKnown(table, [...known, ...defined.map(({ name }) => name)]);
  return table;
}

/** Two segments of one structure would carry the same tracking UID. */
function requireOnce(table: ModelManifest['labels']): void {
  for (const [index, one] of table.entries()) {
    const other = table.slice(0, index).find(({ structure }) => structure === one.structure);
    if (other === undefined) continue;
    throw refuse(
      'MODEL_STRUCTURE_TWICE',
      `The labels ${other.name} and ${one.name} both stand for ${one.structure}.`,
      'Give each label a structure of its own in the file of --structures.',
      { structure: one.structure },
    );
  }
}

/** Structures that a message names; its details have them all. */
const MOST_SHOWN = 8;

function requireKnown(table: ModelManifest['labels'], known: readonly string[]): void {
  const unknown = table.filter(({ structure }) => !known.includes(structure));
  if (unknown.length === 0) return;
  const lines = unknown.map(({ structure }) => {
    const hint = nearest(structure, known);
    return hint === null ? structure : `${structure} (is ${hint} meant?)`;
  });
  const more = lines.length - MOST_SHOWN;
  const shown = lines.slice(0, MOST_SHOWN).join(', ') + (more > 0 ? ` and ${more} more` : '');
  throw refuse(
    'MODEL_STRUCTURE_UNKNOWN',
    `Situs has no codes for ${lines.length === 1 ? 'the structure' : `${lines.length} structures:`} ${shown}; without codes no SEG or SR can be written.`,
    'Say what they are in a file for --structures (label: structure, or a definition with type and rgb), or define them for all models in files.ownStructures of situs.yaml; docs/models.md shows both. With --allow-uncoded the model can still write labels as NIfTI.',
    { unknown: unknown.map(({ structure }) => structure) },
  );
}

/**
 * All structures that results of a model may name: the site's, then those that came with the model. The
 * site's win, so that a code can be corrected without another import.
 */
export function codedStructures(
  model: Pick<LoadedModel, 'manifest'>,
  known: readonly Structure[],
): readonly Structure[] {
  const own = model.manifest.structures ?? [];
  return [...known, ...own.filter(({ name }) => !known.some((one) => one.name === name))];
}

/** @throws SitusError `MODEL_STRUCTURE_UNKNOWN` (usage) when results of the model could not be coded. */
export function requireCodes(
  model: Pick<LoadedModel, 'manifest' | 'name' | 'structures'>,
  known: readonly Structure[],
): readonly Structure[] {
  const coded = codedStructures(model, known);
  const names = new Set(coded.map(({ name }) => name));
  const missing = Object.values(model.structures).filter((name) => !names.has(name));
  if (missing.length === 0) return coded;
  throw new SitusError({
    code: 'MODEL_STRUCTURE_UNKNOWN',
    message: `The model ${model.name} segments ${missing.join(', ')}, for which Situs has no codes; no SEG or SR could be written.`,
    next: 'Define them in files.ownStructures of situs.yaml, or import the model again with --structures; docs/models.md shows both.',
    errorClass: 'usage',
    origin: 'configuration',
    details: { model: model.name, missing },
  });
}
