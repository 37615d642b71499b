/**
 * Writes phantoms for training outside Node.
 *
 *   node src/demo/phantom/export.ts --seeds 1000-1159 --spacing 3 --out DIR
 *
 * Per seed: SEED.labels.u8 and SEED.tissue.u8 (raw bytes [z, y, x], x fastest; z inferior to superior, y anterior to posterior,
 * x patient right to left) and SEED.json (shape, spacing in mm, origin in patient LPS mm, the tissue table).
 */
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { STRUCTURE_NAMES } from './labels.ts';
import { makePhantom, type Phantom } from './phantom.ts';
import { TISSUES } from './tissues.ts';

/** Structures of which the phantom has fewer than `least` ml. */
export function missingStructures(phantom: Phantom, least = 0.5): string[] {
  const count = new Uint32Array(STRUCTURE_NAMES.length + 1);
  for (const l of phantom.labels) count[l] = (count[l] ?? 0) + 1;
  const voxel = phantom.spacing ** 3 / 1000;
  return STRUCTURE_NAMES.filter((_, i) => (count[i + 1] ?? 0) * voxel < least);
}

/** Writes one phantom; the description comes last, so a seed with a .json is complete. */
function write(phantom: Phantom, folder: string): void {
  const put = (ending: string, data: Uint8Array | string): void => {
    const path = join(folder, `${String(phantom.seed)}.${ending}`);
    writeFileSync(`${path}.part`, data);
    renameSync(`${path}.part`, path);
  };
  put('labels.u8', phantom.labels);
  put('tissue.u8', phantom.tissue);
  const { seed, sex, shape, spacing, origin } = phantom;
  put(
    'json',
    JSON.stringify({
      seed,
      sex,
      shape,
      spacing: [spacing, spacing, spacing],
      origin,
      structures: STRUCTURE_NAMES,
      tissues: TISSUES,
    }),
  );
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string' },
      spacing: { type: 'string', default: '3' },
      out: { type: 'string' },
    },
  });
  const range = /^(\d+)(?:-(\d+))?$/.exec(values.seeds ?? '');
  if (range === null || values.out === undefined) {
    console.error(
      'usage: node src/demo/phantom/export.ts --seeds FIRST[-LAST] [--spacing MM] --out DIR',
    );
    process.exitCode = 2;
  } else {
    mkdirSync(values.out, { recursive: true });
    const first = Number(range[1]);
    const last = Number(range[2] ?? range[1]);
    for (let seed = first; seed <= last; seed++) {
      const phantom = makePhantom(seed, Number(values.spacing));
      const missing = missingStructures(phantom);
      if (missing.length > 0)
        throw new Error(`phantom ${String(seed)} lacks ${missing.join(', ')}`);
      write(phantom, values.out);
      console.log(`${String(seed)} ${phantom.shape.join('x')}`);
    }
  }
}
