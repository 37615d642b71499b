import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeSeg, encodeSr, validateSeg, validateSr } from '../../src/results/index.ts';
import { measure as measureLabels } from '../../src/findings/index.ts';
import { STRUCTURES } from '../support/structures.ts';
import { nodeChild, runChild, type ChildAnswer } from './child.ts';
import { benchInput } from './dicom/case.ts';
import { benchReading } from './dicom/read.ts';
import { measure, medianOf, type Measurement } from './measure.ts';
import type { BenchOptions } from './options.ts';

const CHILD = join(import.meta.dirname, 'dicom', 'child.ts');
const PEER = join(import.meta.dirname, 'reference', 'highdicom_seg.py');
const RUNS = '3';
/** The smaller case is the one whose other objects are measured too. */
const SLICES = [100, 300] as const;
const GOAL = 'timeRatio ≥ 5, memoryRatio ≥ 2';

/**
 * SEG of 40 structures from the label volume to the finished bytes, each in a process of its own and, where a Python with
 * highdicom 0.28 is named, by that from the same labels in the same run; then reading, report and validation.
 */
export async function* benchDicom({ reference, only }: BenchOptions): AsyncGenerator<Measurement> {
  const wanted = (what: string): boolean => only === null || what.includes(only);
  for (const slices of SLICES) {
    const folder = mkdtempSync(join(tmpdir(), 'situs-bench-'));
    try {
      const { input } = benchInput(slices);
      writeFileSync(join(folder, 'labels.u8'), input.labels.voxels);
      for (const encoding of ['BINARY', 'LABELMAP', 'RLE']) {
        const what = `encode a SEG of 40 structures, 512×512×${slices}, ${encoding}`;
        if (!wanted(what)) continue;
        const ours = await nodeChild(CHILD, [folder, String(slices), RUNS, encoding]);
        const { seconds, peakBytes, baseBytes, figures } = ours;
        const own = { what, seconds, median: medianOf(seconds), peakBytes, baseBytes, ...figures };
        if (reference === null || encoding !== 'BINARY') yield own;
        else {
          const peer = await runChild(reference, [PEER, folder, String(slices), RUNS]);
          yield { ...own, goal: GOAL, ...compared(ours, peer) };
        }
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  yield* benchReading(wanted);
  yield* benchOthers().filter(({ what }) => wanted(what));
}

/** How many times longer and larger the peer was. */
function compared(ours: ChildAnswer, peer: ChildAnswer): Readonly<Record<string, unknown>> {
  return {
    peer: 'highdicom 0.28',
    peerSeconds: peer.seconds,
    peerMedian: medianOf(peer.seconds),
    peerPeakBytes: peer.peakBytes,
    peerBaseBytes: peer.baseBytes,
    peerFigures: peer.figures,
    timeRatio: medianOf(peer.seconds) / medianOf(ours.seconds),
    memoryRatio: peer.peakBytes / ours.peakBytes,
  };
}

function benchOthers(): Measurement[] {
  const [slices] = SLICES;
  const { volume, input } = benchInput(slices);
  const segmentation = encodeSeg(input);
  const findings = measureLabels(volume, input.labels, STRUCTURES);
  const report = { ...input, findings, segmentation };
  const sr = encodeSr(report);
  const name = `of 40 structures, 512×512×${slices}`;
  return [
    measure(`encode the report ${name}`, 3, () => encodeSr(report)),
    measure(`validate the SEG ${name}`, 3, () => validateSeg(segmentation.bytes, volume)),
    measure(`validate the report ${name}`, 3, () =>
      validateSr(sr.bytes, volume, segmentation.bytes),
    ),
  ];
}
