import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ChildAnswer, nodeChild, runChild } from './child.ts';
import { medianOf, type Measurement } from './measure.ts';
import type { BenchOptions } from './options.ts';
import { floats } from './segmentation/arrays.ts';
import { segmentationCases, type BenchCase } from './segmentation/cases.ts';
import { memoryCases } from './segmentation/memory.ts';

const CHILD = join(import.meta.dirname, 'segmentation', 'child.ts');
const PEER = join(import.meta.dirname, 'reference', 'nnunet.py');
const PEER_NAME = 'nnunetv2 2.2.1';

/**
 * Segmentation step by step and as a whole: time and peak memory, each case in a process of its own, and, where a Python
 * with nnU-Net 2.2.1 is named, the same arrays and weights through nnU-Net in the same run.
 */
export async function* benchSegmentation(options: BenchOptions): AsyncGenerator<Measurement> {
  const shelf = mkdtempSync(join(tmpdir(), 'situs-bench-'));
  const wanted = (what: string): boolean => options.only === null || what.includes(options.only);
  try {
    const threads = availableParallelism();
    for (const one of segmentationCases(options.full, threads, shelf)) {
      if (wanted(one.what)) yield await measureCase(one, options, shelf);
    }
    for (const one of memoryCases(options.full, threads, shelf)) {
      if (wanted(one.what)) yield await one.measure();
    }
  } finally {
    rmSync(shelf, { recursive: true, force: true });
  }
}

async function measureCase(
  one: BenchCase,
  { reference }: BenchOptions,
  shelf: string,
): Promise<Measurement> {
  const folder = mkdtempSync(join(shelf, 'case-'));
  try {
    const { model } = await one.prepare(folder);
    const own = {
      ...one.parameters,
      directory: one.parameters.directory ?? model?.model.directory,
    };
    const ours = await nodeChild(CHILD, [one.work, folder, JSON.stringify(own)]);
    const goal = one.goal === undefined ? {} : { goal: one.goal };
    const base = { ...figuresOf(one.what, ours), ...goal };
    if (reference === null || !one.compared) return base;
    const peerCase = JSON.stringify({ ...one.parameters, model: model?.nnunet });
    const peer = await runChild(reference, [PEER, one.work, folder, peerCase]);
    return { ...base, ...compared(ours, peer), ...differences(one.work, folder) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function figuresOf(
  what: string,
  { seconds, peakBytes, baseBytes, figures }: ChildAnswer,
): Measurement {
  return { what, seconds, median: medianOf(seconds), peakBytes, baseBytes, ...figures };
}

/** How many times longer and larger the peer was. */
function compared(ours: ChildAnswer, peer: ChildAnswer): Readonly<Record<string, unknown>> {
  const peak = Number(ours.figures?.['processPeakBytes'] ?? ours.peakBytes);
  return {
    peer: PEER_NAME,
    peerSeconds: peer.seconds,
    peerMedian: medianOf(peer.seconds),
    peerPeakBytes: peer.peakBytes,
    peerBaseBytes: peer.baseBytes,
    timeRatio: medianOf(peer.seconds) / medianOf(ours.seconds),
    memoryRatio: peer.peakBytes / peak,
  };
}

function differences(work: string, folder: string): Readonly<Record<string, unknown>> {
  if (work === 'network') {
    const [ours, theirs] = [
      floats(join(folder, 'ours.f32')),
      floats(join(folder, 'reference.f32')),
    ];
    let largest = 0;
    let difference = 0;
    for (let i = 0; i < ours.length; i += 1) {
      largest = Math.max(largest, Math.abs(theirs[i] ?? 0));
      difference = Math.max(difference, Math.abs((ours[i] ?? 0) - (theirs[i] ?? 0)));
    }
    return { largestLogit: largest, largestDifference: difference };
  }
  if (work !== 'export' && work !== 'job') return {};
  const [ours, theirs] = [
    readFileSync(join(folder, 'ours.u8')),
    readFileSync(join(folder, 'reference.u8')),
  ];
  let differing = 0;
  let foreground = 0;
  for (let i = 0; i < ours.length; i += 1) {
    if (ours[i] !== theirs[i]) differing += 1;
    if (theirs[i] !== 0) foreground += 1;
  }
  return { labelsThatDiffer: differing, ofForeground: differing / Math.max(1, foreground) };
}
