import { SitusError, type Labels, type LabelOrder, type Structure } from '../contracts/index.ts';
import { smoothLabels } from './smooth-labels.ts';

/** What becomes of every label value, and the names of those that are left. */
export interface LabelPlan {
  readonly table: Uint8Array;
  readonly structures: Readonly<Record<number, string>>;
}

/**
 * Reads an order against the structures that a model segments: merging first, then leaving out what is
 * not wanted. A merged structure has the smallest label of its members.
 * @throws SitusError STRUCTURE_UNKNOWN (usage) when the order names what the model does not segment.
 */
export function planLabels(
  segmented: Readonly<Record<number, string>>,
  { merge = {}, structures }: LabelOrder,
): LabelPlan {
  const table = Uint8Array.from({ length: 256 }, (_, label) => label);
  const names = new Map(Object.entries(segmented).map(([label, name]) => [name, Number(label)]));
  for (const [group, members] of Object.entries(merge)) {
    const merged = members.map((name) => labelOf(names, name));
    const kept = Math.min(...merged);
    for (const label of merged) table[label] = kept;
    for (const name of members) names.delete(name);
    names.set(group, kept);
  }
  if (structures !== undefined) {
    const wanted = new Set(structures.map((name) => labelOf(names, name)));
    for (const [name, label] of names) if (!wanted.has(label)) names.delete(name);
    table.forEach((label, index) => {
      if (!wanted.has(label)) table[index] = 0;
    });
  }
  return {
    table,
    structures: Object.fromEntries([...names].map(([name, label]) => [label, name])),
  };
}

/**
 * Labels as a rule wants them stored: structures merged or left out (`planLabels`), then edges smoothed.
 * The labels given stay as they are; without an order they are returned themselves.
 * @throws SitusError STRUCTURE_UNKNOWN (usage).
 */
export function shapeLabels(labels: Labels, order: LabelOrder): Labels {
  const { merge = {}, structures, smooth = 0 } = order;
  if (Object.keys(merge).length === 0 && structures === undefined && smooth === 0) return labels;
  const plan = planLabels(labels.structures, order);
  const voxels = labels.voxels.map((label) => plan.table[label] ?? 0);
  return {
    ...labels,
    voxels: smooth === 0 ? voxels : smoothLabels(voxels, labels.shape, smooth),
    structures: plan.structures,
  };
}

/**
 * The structures that merged labels may name: those given, and a structure for every group that has no
 * definition of its own, coded as its members are, without a side.
 * @throws SitusError MERGE_WITHOUT_CODE (usage) when the members of such a group have different codes.
 */
export function mergedStructures(
  structures: readonly Structure[],
  { merge = {} }: LabelOrder,
): readonly Structure[] {
  const byName = new Map(structures.map((structure) => [structure.name, structure]));
  const groups = Object.entries(merge)
    .filter(([group]) => !byName.has(group))
    .map(([group, members]): Structure => {
      const known = members.flatMap((name) => byName.get(name) ?? []);
      const [first] = known;
      const codes = new Set(known.map(({ category, type }) => `${category.value} ${type.value}`));
      if (first === undefined || codes.size > 1) throw withoutCode(group, members);
      return { ...first, name: group, laterality: null };
    });
  return groups.length === 0 ? structures : [...structures, ...groups];
}

function labelOf(names: ReadonlyMap<string, number>, name: string): number {
  const label = names.get(name);
  if (label !== undefined) return label;
  throw new SitusError({
    code: 'STRUCTURE_UNKNOWN',
    message: `The rule stores "${name}", which the model does not segment; it has ${[...names.keys()].join(', ')}.`,
    next: 'Correct store.structures or store.merge of the rule; "situs rules check" shows the line.',
    errorClass: 'usage',
    origin: 'configuration',
    details: { structure: name },
  });
}

function withoutCode(group: string, members: readonly string[]): SitusError {
  return new SitusError({
    code: 'MERGE_WITHOUT_CODE',
    message: `The merged structure "${group}" has no code: ${members.join(', ')} are coded differently.`,
    next: `Define "${group}" with its codes in files.ownStructures of situs.yaml.`,
    errorClass: 'usage',
    origin: 'configuration',
    details: { structure: group },
  });
}
