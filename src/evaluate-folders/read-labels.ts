import { readFile } from 'node:fs/promises';
import { SitusError } from '../contracts/index.ts';
import { readNiftiLabels } from '../imaging/index.ts';
import type { LabelFile } from './files.ts';
import type { ReadLabels, ReadLabelsOptions } from './labels.ts';
import { readSegLabels } from './read-seg-labels.ts';

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
    throw new SitusError({
      ...thrown.toJSON(),
      message: `${file.path}: ${thrown.message}`,
      details: { ...thrown.details, file: file.path },
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
