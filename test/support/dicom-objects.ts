import { data } from 'dcmjs';

/** A data set as dcmjs reads it: `GGGGEEEE` → element. */
export type RawDataset = ReturnType<typeof data.DicomMessage.readFile>['dict'];

function bufferOf(bytes: Uint8Array): ArrayBuffer {
  return bytes.slice().buffer;
}

export function readRaw(bytes: Uint8Array): RawDataset {
  return data.DicomMessage.readFile(bufferOf(bytes)).dict;
}

/** The same file after a change to its data set, written by dcmjs. */
export function altered(bytes: Uint8Array, change: (dataset: RawDataset) => void): Uint8Array {
  const file = data.DicomMessage.readFile(bufferOf(bytes));
  change(file.dict);
  return new Uint8Array(file.write({ allowInvalidVRLength: true, fragmentMultiframe: false }));
}

/** The items of a sequence. */
export function rawItems(dataset: RawDataset | undefined, tag: string): RawDataset[] {
  return (dataset?.[tag]?.Value ?? []) as RawDataset[];
}

/** The first value of an element. */
export function rawValue(dataset: RawDataset | undefined, tag: string): unknown {
  return dataset?.[tag]?.Value[0];
}

/** The stored text of an element's values. */
export function rawTexts(dataset: RawDataset | undefined, tag: string): string[] {
  const raw = dataset?.[tag]?._rawValue ?? dataset?.[tag]?.Value ?? [];
  return (Array.isArray(raw) ? raw : [raw]).map((text) => String(text).trim());
}

/** Sets an element, as dcmjs writes it: without the text that was read before. */
export function setRaw(
  dataset: RawDataset | undefined,
  tag: string,
  vr: string,
  ...Value: unknown[]
): void {
  if (dataset !== undefined) dataset[tag] = { vr, Value };
}

/** Pixels of a BINARY segmentation's frame, bit by bit from the least significant one. */
export function rawFrame(dataset: RawDataset, frame: number): number[] {
  const area = Number(rawValue(dataset, '00280010')) * Number(rawValue(dataset, '00280011'));
  const pixels = rawValue(dataset, '7FE00010');
  const bytes = pixels instanceof Uint8Array ? pixels : new Uint8Array(pixels as ArrayBuffer);
  return Array.from({ length: area }, (_, pixel) => {
    const bit = frame * area + pixel;
    return ((bytes[bit >>> 3] ?? 0) >>> (bit & 7)) & 1;
  });
}
