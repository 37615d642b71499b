import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeSeries, TRANSFER_SYNTAX } from '../../support/dicom.ts';
import { testUid, writePart10 } from '../../support/dicom-write.ts';
import { nodeChild } from '../child.ts';
import type { Measurement } from '../measure.ts';

const CHILD = join(import.meta.dirname, 'read-child.ts');
const SLICES = 1_000;
const SIDE = 512;

/** Time and peak memory of reading a CT of 1,000 slices of 512×512 from its files. */
export async function* benchReading(
  wanted: (what: string) => boolean,
): AsyncGenerator<Measurement> {
  for (const syntax of ['explicit', 'rle'] as const) {
    const what = `read a CT of ${SIDE}×${SIDE}×${SLICES}, ${syntax}`;
    if (!wanted(what)) continue;
    const folder = mkdtempSync(join(tmpdir(), 'situs-bench-'));
    try {
      writeSeries(folder, TRANSFER_SYNTAX[syntax]);
      const { seconds, peakBytes, baseBytes, figures } = await nodeChild(CHILD, [folder]);
      const [median = 0] = seconds;
      yield { what, seconds, median, peakBytes, baseBytes, goal: 'peak ≤ 2 GiB', ...figures };
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
}

/** The slices differ by position alone; pixels are a ramp with some noise, which compresses a little. */
function writeSeries(folder: string, transferSyntax: string): void {
  const [model] = makeSeries({ modality: 'CT', slices: 2, rows: 1, columns: 1 }).instances;
  const pixels = new Uint16Array(SIDE * SIDE).map((_, at) => 900 + (at % 64) + ((at * 7919) % 5));
  const bytes = new Uint8Array(pixels.buffer);
  for (let slice = 0; slice < SLICES; slice += 1) {
    const dataset = {
      ...model?.dataset,
      Rows: SIDE,
      Columns: SIDE,
      InstanceNumber: slice + 1,
      SOPInstanceUID: testUid('bench', slice),
      ImagePositionPatient: [-200, -200, slice],
    };
    const file = join(folder, `${String(slice).padStart(4, '0')}.dcm`);
    writeFileSync(file, writePart10(dataset, transferSyntax, [bytes]));
  }
}
