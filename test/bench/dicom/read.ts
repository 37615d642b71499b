import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import openjph from '@cornerstonejs/codec-openjph/wasmjs';
import { makeSeries, TRANSFER_SYNTAX } from '../../support/dicom.ts';
import { testUid, writePart10 } from '../../support/dicom-write.ts';
import { nodeChild } from '../child.ts';
import type { Measurement } from '../measure.ts';

const CHILD = join(import.meta.dirname, 'read-child.ts');
const SLICES = 1_000;
const COMPRESSED_SLICES = 200;
const SIDE = 512;
const HTJ2K_LOSSLESS = '1.2.840.10008.1.2.4.201';

/** Time and peak memory of reading a CT of 1,000 slices of 512×512 from its files. */
export async function* benchReading(
  wanted: (what: string) => boolean,
): AsyncGenerator<Measurement> {
  for (const syntax of ['explicit', 'rle'] as const) {
    const what = `read a CT of ${SIDE}×${SIDE}×${SLICES}, ${syntax}`;
    if (!wanted(what)) continue;
    const folder = mkdtempSync(join(tmpdir(), 'situs-bench-'));
    try {
      writeSeries(folder, SLICES, TRANSFER_SYNTAX[syntax], new Uint8Array(ramp().buffer));
      const { seconds, peakBytes, baseBytes, figures } = await nodeChild(CHILD, [folder]);
      const [median = 0] = seconds;
      yield { what, seconds, median, peakBytes, baseBytes, goal: 'peak ≤ 2 GiB', ...figures };
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  yield* benchThreads(wanted);
}

/** The same compressed series decoded by one thread and by two. */
async function* benchThreads(wanted: (what: string) => boolean): AsyncGenerator<Measurement> {
  const name = `read a CT of ${SIDE}×${SIDE}×${COMPRESSED_SLICES}, HTJ2K`;
  if (!wanted(name)) return;
  const folder = mkdtempSync(join(tmpdir(), 'situs-bench-'));
  try {
    writeSeries(folder, COMPRESSED_SLICES, HTJ2K_LOSSLESS, await htj2k(ramp()));
    for (const threads of [1, 2]) {
      const { seconds, peakBytes, baseBytes } = await nodeChild(CHILD, [folder, String(threads)]);
      const [median = 0] = seconds;
      yield { what: `${name}, ${threads} thread(s)`, seconds, median, peakBytes, baseBytes };
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A ramp with some noise, which compresses a little. */
function ramp(): Uint16Array<ArrayBuffer> {
  return new Uint16Array(SIDE * SIDE).map((_, at) => 900 + (at % 64) + ((at * 7919) % 5));
}

async function htj2k(pixels: Uint16Array<ArrayBuffer>): Promise<Uint8Array> {
  const codec = await openjph({ print: () => undefined, printErr: () => undefined });
  const encoder = new codec.HTJ2KEncoder();
  const info = { width: SIDE, height: SIDE, bitsPerSample: 16, componentCount: 1 };
  encoder
    .getDecodedBuffer({ ...info, isSigned: false, isUsingColorTransform: false })
    .set(new Uint8Array(pixels.buffer));
  encoder.setQuality(true, 0);
  encoder.encode();
  const stream = encoder.getEncodedBuffer().slice();
  encoder.delete();
  const even = new Uint8Array(stream.length + (stream.length % 2));
  even.set(stream);
  return even;
}

/** The slices differ by position alone; `pixels` are those of each, encoded as the writer asks. */
function writeSeries(
  folder: string,
  slices: number,
  transferSyntax: string,
  pixels: Uint8Array,
): void {
  const [model] = makeSeries({ modality: 'CT', slices: 2, rows: 1, columns: 1 }).instances;
  for (let slice = 0; slice < slices; slice += 1) {
    const dataset = {
      ...model?.dataset,
      Rows: SIDE,
      Columns: SIDE,
      InstanceNumber: slice + 1,
      SOPInstanceUID: testUid('bench', slice),
      ImagePositionPatient: [-200, -200, slice],
    };
    const file = join(folder, `${String(slice).padStart(4, '0')}.dcm`);
    writeFileSync(file, writePart10(dataset, transferSyntax, [pixels]));
  }
}
