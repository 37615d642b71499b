import { exampleObjects } from '../../src/conformance/index.ts';
import { attributeOf } from '../../src/results/dicom/dictionary.ts';
import { RULES, textOf, type ObjectKind, type ReadDataset } from '../../src/results/index.ts';
import { checkModules, conditionPath } from '../../src/results/validate/modules.ts';
import { ValidationReport, type ValidationFinding } from '../../src/results/validate/report.ts';
import { NOT_DECIDED } from '../../src/results/validate/standard/conditions.ts';
import { placeUnder } from '../../src/results/validate/standard/tables.ts';
import { altered, rawItems, type RawDataset } from './dicom-objects.ts';
import { STRUCTURES } from './structures.ts';

export const OBJECT_KINDS = ['binary', 'labelMap', 'report', 'rejection', 'capture'] as const;

export const EXAMPLES = exampleObjects('ct', STRUCTURES);

/** An attribute of an object: the items on the way to it, and what the standard's tables say of it. */
export interface Placed {
  readonly steps: readonly (readonly [keyword: string, index: number])[];
  readonly keyword: string;
  readonly place: string;
  /** As findings name it. */
  readonly path: string;
  readonly type: string;
  /** Whether the tables bind here: types 1 and 2, and conditional ones that are decided. */
  readonly binds: boolean;
}

/** Every attribute of an object, place by place; below copied attributes nothing. */
export function attributesOf(kind: ObjectKind, dataset: ReadDataset): Placed[] {
  const found: Placed[] = [];
  const visit = (item: ReadDataset, place: string, path: string, steps: Placed['steps']): void => {
    for (const [keyword, { items }] of item) {
      const type = RULES[kind].get(place)?.get(keyword)?.type ?? 'none';
      // References and containers may have a name or none; their template decides.
      const free =
        keyword === 'ConceptNameCodeSequence' &&
        ['IMAGE', 'CONTAINER'].includes(textOf(item, 'ValueType') ?? '');
      const decided = !NOT_DECIDED.has(conditionPath(place, keyword)) && !free;
      const conditional = type.endsWith('C') && decided;
      const here = path === '' ? keyword : `${path}/${keyword}`;
      const binds = type === '1' || type === '2' || conditional;
      found.push({ steps, keyword, place, path: here, type, binds });
      items.forEach((one, index) =>
        visit(one, placeUnder(place, keyword), `${here}[${index + 1}]`, [
          ...steps,
          [keyword, index],
        ]),
      );
    }
  };
  visit(dataset, '', '', []);
  return found;
}

function tagOf(keyword: string): string {
  return attributeOf(keyword).tag.toString(16).toUpperCase().padStart(8, '0');
}

/** The file without an attribute, or with an empty one. */
export function without(
  bytes: Uint8Array,
  { steps, keyword }: Pick<Placed, 'steps' | 'keyword'>,
  how: 'removed' | 'emptied',
): Uint8Array {
  return altered(bytes, (dataset) => {
    const item = steps.reduce<RawDataset | undefined>(
      (parent, [sequence, index]) => rawItems(parent, tagOf(sequence))[index],
      dataset,
    );
    const tag = tagOf(keyword);
    if (item === undefined) return;
    if (how === 'removed') delete item[tag];
    else item[tag] = { vr: item[tag]?.vr ?? 'LO', Value: [] };
  });
}

/** A data set as it was read, without an attribute, or with an empty one. */
export function lacking(
  item: ReadDataset,
  { steps, keyword }: Pick<Placed, 'steps' | 'keyword'>,
  how: 'removed' | 'emptied',
): ReadDataset {
  const copy = new Map(item);
  const [step, ...rest] = steps;
  if (step === undefined) {
    const element = copy.get(keyword);
    if (how === 'removed' || element === undefined) copy.delete(keyword);
    else copy.set(keyword, { ...element, values: [], items: [], bytes: null });
    return copy;
  }
  const sequence = copy.get(step[0]);
  if (sequence === undefined) return copy;
  const items = sequence.items.map((one, index) =>
    index === step[1] ? lacking(one, { steps: rest, keyword }, how) : one,
  );
  return copy.set(step[0], { ...sequence, items });
}

/** What the tables say against a data set. */
export function findingsOf(kind: ObjectKind, dataset: ReadDataset): readonly ValidationFinding[] {
  const report = new ValidationReport([]);
  checkModules(dataset, kind, report);
  return report.findings;
}
