import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { loadLabelMapping, type LabelMapping } from '../config/index.ts';
import { usage } from '../contracts/index.ts';

const FOLDER = fileURLToPath(new URL('../../config/label-mappings/', import.meta.url));
/** Situs numbers the forty structures as MRSegmentator does. */
const ALIASES: Readonly<Record<string, string>> = { situs: 'mrsegmentator' };

/** A table of label numbers and what to call it in reports. */
export interface LabelTable extends LabelMapping {
  readonly name: string;
}

/**
 * A shipped table by its name, or a user's file (anything with a path separator or an ending).
 * @throws SitusError LABEL_MAPPING_UNKNOWN (usage), and those of `loadLabelMapping`.
 */
export async function loadLabelTable(nameOrFile: string): Promise<LabelTable> {
  if (/[/\\]|\.(ya?ml|json)$/i.test(nameOrFile)) {
    return { ...(await loadLabelMapping(nameOrFile)).value, name: nameOrFile };
  }
  const known = await shippedTables();
  const file = ALIASES[nameOrFile] ?? nameOrFile;
  if (!known.includes(file)) {
    throw usage(
      'LABEL_MAPPING_UNKNOWN',
      `There is no label mapping "${nameOrFile}"; shipped are ${[...Object.keys(ALIASES), ...known].join(', ')}.`,
      'Name one of them, or a YAML or JSON file of your own (docs/evaluation.md shows one).',
      { known },
    );
  }
  return { ...(await loadLabelMapping(`${FOLDER}${file}.yaml`)).value, name: nameOrFile };
}

async function shippedTables(): Promise<string[]> {
  const files = await readdir(FOLDER);
  return files
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => file.slice(0, -5))
    .sort();
}
