import { rawItems, rawTexts, rawValue, type RawDataset } from './dicom-objects.ts';

/** A content item of a report, as dcmjs reads it. */
export interface TreeItem {
  readonly relationship: string;
  readonly type: string;
  /** Code value of the concept name. */
  readonly name: string | null;
  /** Code value, text, UID or number with its unit's code; null for containers and failed numbers. */
  readonly value: string | null;
  readonly dataset: RawDataset;
  readonly children: readonly TreeItem[];
}

export function contentTree(dataset: RawDataset): TreeItem[] {
  return rawItems(dataset, '0040A730').map((item) => ({
    relationship: rawTexts(item, '0040A010')[0] ?? '',
    type: rawTexts(item, '0040A040')[0] ?? '',
    name: codeValue(item, '0040A043'),
    value: valueOf(item),
    dataset: item,
    children: contentTree(item),
  }));
}

/** The items of one concept among some items. */
export function named(items: readonly TreeItem[], name: string): TreeItem[] {
  return items.filter((item) => item.name === name);
}

export function codeValue(dataset: RawDataset | undefined, tag: string): string | null {
  return rawTexts(rawItems(dataset, tag)[0], '00080100')[0] ?? null;
}

function valueOf(item: RawDataset): string | null {
  const [measured] = rawItems(item, '0040A300');
  if (measured !== undefined) {
    return `${rawTexts(measured, '0040A30A').join()} ${codeValue(measured, '004008EA') ?? ''}`;
  }
  const text = rawTexts(item, '0040A160')[0] ?? rawTexts(item, '0040A124')[0];
  if (text !== undefined) return text;
  const [reference] = rawItems(item, '00081199');
  if (reference !== undefined) {
    const segment = rawValue(reference, '0062000B');
    const frames = rawTexts(reference, '00081160');
    const uid = rawTexts(reference, '00081155')[0] ?? '';
    return [uid, ...frames, ...(typeof segment === 'number' ? [`segment ${segment}`] : [])].join(
      ' ',
    );
  }
  return codeValue(item, '0040A168');
}
