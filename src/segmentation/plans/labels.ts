import type { LabelRule, PlanLabel } from './plan.ts';
import type { Dataset } from './schema.ts';
import { planInvalid } from './unsupported.ts';

export interface LabelTable {
  /** Number of output channels of the network. */
  readonly heads: number;
  readonly labels: readonly PlanLabel[];
  readonly rule: LabelRule;
}

/**
 * Labels as nnU-Net's LabelManager reads them (nnunet-inference §4 items 2 and 3): with regions one channel
 * a region in the order of `dataset.json`, otherwise one channel a label, background included.
 */
export function readLabels(dataset: Dataset): LabelTable {
  const entries = Object.entries(dataset.labels).filter(([name]) => name !== 'ignore');
  requireBackground(dataset);
  requireIgnoreLast(dataset.labels['ignore'], entries);
  const isRegionModel = entries.some(([, value]) => Array.isArray(value) && value.length > 1);
  return isRegionModel ? readRegions(dataset, entries) : readPlain(entries);
}

function requireBackground({ labels }: Dataset): void {
  if (labels['background'] !== 0) {
    throw planInvalid('dataset.json', 'labels has no background with the value 0');
  }
}

/** The ignore label has no channel; nnU-Net wants it behind all others. */
function requireIgnoreLast(ignore: number | number[] | undefined, entries: readonly Entry[]): void {
  if (ignore === undefined) return;
  const largest = Math.max(...entries.flatMap(([, value]) => value));
  if (ignore !== largest + 1) {
    throw planInvalid('dataset.json', 'labels.ignore is not the number after the last label');
  }
}

type Entry = [name: string, value: number | number[]];

function readPlain(entries: readonly Entry[]): LabelTable {
  const labels = entries
    .map(([name, value]) => ({ name, value: Array.isArray(value) ? (value[0] ?? -1) : value }))
    .sort((a, b) => a.value - b.value);
  if (labels.length < 2 || labels.some((label, index) => label.value !== index)) {
    throw planInvalid('dataset.json', 'its labels are not numbered 0, 1, 2, … without gaps');
  }
  requireByte(labels);
  return { heads: labels.length, labels: labels.slice(1), rule: { kind: 'argmax' } };
}

function readRegions(dataset: Dataset, entries: readonly Entry[]): LabelTable {
  const regions = entries.filter(([, value]) =>
    Array.isArray(value) ? value.some((label) => label !== 0) : value !== 0,
  );
  const order = dataset.regions_class_order;
  if (
    order === undefined ||
    order.length !== regions.length ||
    order.includes(0) ||
    new Set(order).size !== order.length
  ) {
    throw planInvalid('dataset.json', 'regions_class_order does not name one label a region');
  }
  const labels = regions.map(([name], index) => ({ name, value: order[index] ?? 0 }));
  requireByte(labels);
  return { heads: regions.length, labels, rule: { kind: 'regions', classOrder: order } };
}

function requireByte(labels: readonly PlanLabel[]): void {
  if (labels.some((label) => label.value > 255)) {
    throw planInvalid('dataset.json', 'it has more than 255 labels');
  }
}
