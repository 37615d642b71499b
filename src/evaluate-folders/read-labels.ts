import { readFile } from 'node:fs/promises';
import { SitusError, type Structure } from '../contracts/index.ts';
import type { PlacedLabels } from '../evaluation/index.ts';
import { readNiftiLabels } from '../imaging/index.ts';
import type { LabelFile } from './files.ts';
import type { LabelTable } from './label-tables.ts';
import type { Numbering } from './numbering.ts';
import { readSegLabels } from './read-seg-labels.ts';

/** A label file in the numbers of its pair's numbering. */
export interface ReadLabels {
  readonly labels: PlacedLabels;
  /** Structures that this side knows, whether the file has any of them or not. */
  readonly known: ReadonlySet<string>;
  /** What a reader of the report should know about the file. */
  readonly notes: readonly string[];
}

export interface ReadLabelsOptions {
  readonly numbering: Numbering;
  /** What the file's numbers mean; null for segmentation objects, which say it themselves. */
  readonly table: LabelTable | null;
  /** Structures to keep; null for all. */
  readonly wanted: readonly string[] | null;
  readonly structures: readonly Structure[];
}

/**
 * Reads a label file.
 * @throws SitusError of class refuse with the file's name in its message.
 */
export async function readLabels(file: LabelFile, options: ReadLabelsOptions): Promise<ReadLabels> {
  const bytes = await readFile(file.path);
  try {
    if (file.kind === 'seg') return readSegLabels(file.path, bytes, options);
    return readNifti(file.path, bytes, options);
  } catch (thrown) {
    if (!(thrown instanceof SitusError) || thrown.message.includes(file.path)) throw thrown;
    const { code, message, next, errorClass, origin, details } = thrown;
    throw new SitusError({
      code,
      message: `${file.path}: ${message}`,
      next,
      errorClass,
      origin,
      details: { ...details, file: file.path },
      cause: thrown,
    });
  }
}

function readNifti(
  path: string,
  bytes: Uint8Array,
  { numbering, table, wanted }: ReadLabelsOptions,
): ReadLabels {
  const labels = Object.entries(table?.labels ?? {}).filter(
    ([, structure]) => wanted?.includes(structure) ?? true,
  );
  const numbers = new Uint8Array(Math.max(0, ...labels.map(([label]) => Number(label))) + 1);
  for (const [label, structure] of labels) numbers[Number(label)] = numbering.numberOf(structure);
  const read = readNiftiLabels(bytes, numbers);
  const unnamed = read.values.filter((value) => table?.labels[value] === undefined);
  return {
    labels: { ...read, name: path, sparse: false },
    known: new Set(labels.map(([, structure]) => structure)),
    notes:
      unnamed.length === 0
        ? []
        : [
            `${path} holds labels that the mapping ${table?.name ?? ''} does not name, left out: ${unnamed.slice(0, 20).join(', ')}${unnamed.length > 20 ? ' …' : ''}`,
          ],
  };
}
