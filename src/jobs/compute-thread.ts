import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { parentPort } from 'node:worker_threads';
import { asSitusError, type Labels, type Structure } from '../contracts/index.ts';
import { measure } from '../findings/index.ts';
import {
  buildVolume,
  mergedStructures,
  previewPng,
  readInstance,
  shapeLabels,
} from '../imaging/index.ts';
import { compareContent } from '../results/index.ts';
import type { CallName, ComputeCalls, MeasureAnswer, MeasureRequest } from './compute-calls.ts';
import { encodeResults } from './encode-results.ts';

type Handlers = {
  readonly [Name in CallName]: (
    request: ComputeCalls[Name]['request'],
    signal: AbortSignal,
  ) => Promise<ComputeCalls[Name]['answer']>;
};

/** Decoding beyond four threads waits for memory; the cores are for the network of another job. */
const DECODERS = Math.min(4, availableParallelism());

const handlers: Handlers = {
  async readVolume({ paths, selection }, signal) {
    const instances = [];
    for (const path of paths) instances.push(readInstance(await readFile(path, { signal })));
    return buildVolume(instances, selection, { shared: true, threads: DECODERS, signal });
  },

  measure: (request) => Promise.resolve(measureLabels(request)),

  encode: (request) => Promise.resolve(encodeResults(request)),

  compareContent: ({ sent, returned }) => Promise.resolve(compareContent(sent, returned)),
};

/**
 * The gate judges all that the model found; what is measured and drawn is what the rule stores of it,
 * so that the report's numbers are those of the stored segmentation.
 */
function measureLabels({
  volume,
  labels,
  structures,
  order,
  gate = {},
}: MeasureRequest): MeasureAnswer {
  const judged = measure(volume, labels, structures, { levels: gate });
  const shaped = shapeLabels(labels, order);
  const coded = mergedStructures(structures, order);
  const preview = previewPng(volume, shaped, colours(shaped, coded));
  if (shaped === labels) return { findings: judged, preview };
  const { structures: measured } = measure(volume, shaped, coded);
  return { findings: { ...judged, structures: measured }, preview };
}

function colours(
  labels: Labels,
  structures: readonly Structure[],
): ReadonlyMap<number, readonly [number, number, number]> {
  const byName = new Map(structures.map((structure) => [structure.name, structure.rgb]));
  const entries = Object.entries(labels.structures).flatMap(([label, name]) => {
    const rgb = byName.get(name);
    return rgb === undefined ? [] : [[Number(label), rgb] as const];
  });
  return new Map(entries);
}

type Message =
  | { readonly id: number; readonly name: CallName; readonly request: never }
  /** The call of this number is not waited for any more. */
  | { readonly abort: number };

/** Calls are answered one after the other: each may need the memory of a whole volume. */
let last: Promise<void> = Promise.resolve();
/** Of calls that wait or run. */
const aborts = new Map<number, AbortController>();

parentPort?.on('message', (message: Message) => {
  if ('abort' in message) {
    aborts.get(message.abort)?.abort();
    return;
  }
  const { id, name, request } = message;
  const controller = new AbortController();
  aborts.set(id, controller);
  last = last.then(async () => {
    try {
      controller.signal.throwIfAborted();
      const answer = await handlers[name](request, controller.signal);
      parentPort?.postMessage({ id, answer });
    } catch (thrown) {
      parentPort?.postMessage({ id, error: asSitusError(thrown).toJSON() });
    } finally {
      aborts.delete(id);
    }
  });
});
