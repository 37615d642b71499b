import { readFile } from 'node:fs/promises';
import { parentPort } from 'node:worker_threads';
import {
  asSitusError,
  PRODUCT_NAME,
  type EncodedResult,
  type Labels,
  type SegmentationRun,
  type Structure,
  type Volume,
} from '../contracts/index.ts';
import { measure } from '../findings/index.ts';
import { buildVolume, previewPng, readInstance } from '../imaging/index.ts';
import {
  contentHash,
  encodeSeg,
  encodeSr,
  resultIdentity,
  validateSeg,
  validateSr,
  type ResultInput,
} from '../results/index.ts';
import type { CallName, ComputeCalls, EncodeRequest } from './compute-calls.ts';

type Handlers = {
  readonly [Name in CallName]: (
    request: ComputeCalls[Name]['request'],
  ) => Promise<ComputeCalls[Name]['answer']>;
};

const handlers: Handlers = {
  async readVolume({ paths, selection }) {
    const instances = [];
    for (const path of paths) instances.push(readInstance(await readFile(path)));
    return shared(await buildVolume(instances, selection));
  },

  measure({ volume, labels, structures }) {
    const findings = measure(volume, labels, structures);
    const preview = previewPng(volume, labels, colours(labels, structures));
    return Promise.resolve({ findings, preview });
  },

  encode(request) {
    const input = resultInput(request);
    const seg = encodeSeg(input);
    const problems = validateSeg(seg.bytes, request.volume);
    const results: EncodedResult[] = [seg];
    if (request.sr) {
      const sr = encodeSr({
        ...input,
        findings: request.findings,
        segmentation: {
          sopClassUid: seg.sopClassUid,
          sopInstanceUid: seg.sopInstanceUid,
          seriesInstanceUid: seg.seriesInstanceUid,
        },
        ...(request.predecessor === null ? {} : { predecessor: request.predecessor }),
      });
      problems.push(...validateSr(sr.bytes, request.volume, seg.bytes));
      results.push(sr);
    }
    return Promise.resolve({
      results,
      problems: problems
        .filter(({ level }) => level === 'error')
        .map((problem) => `${problem.path}: ${problem.message}`),
    });
  },

  contentHash: ({ bytes }) => Promise.resolve(contentHash(bytes)),
};

function resultInput(request: EncodeRequest): ResultInput {
  const { volume, labels } = request;
  return {
    volume,
    labels,
    structures: request.structures,
    identity: resultIdentity(volume, labels.run, {
      content: request.content,
      run: request.run,
      instanceNumber: request.instanceNumber,
      node: request.node,
    }),
    equipment: {
      manufacturer: PRODUCT_NAME,
      model: PRODUCT_NAME,
      serial: request.node,
      softwareVersion: request.version,
    },
    algorithm: {
      name: labels.run.model,
      version: labels.run.modelVersion,
      manufacturer: request.manufacturer,
      parameters: [
        `folds=${labels.run.folds.join(',')}`,
        `spacing=${labels.run.spacingMode}`,
        ...settingsText(labels.run),
        `engine=${labels.run.engine}`,
        `device=${labels.run.device}`,
      ],
    },
    contentTime: new Date(request.encodedAt),
  };
}

/** How the patches were laid and averaged; labels that older versions kept do not say it. */
function settingsText({ stepSize, mirroring, splitLevel }: SegmentationRun): string[] {
  return [
    ...(stepSize === undefined ? [] : [`step=${stepSize}`]),
    ...(mirroring === undefined ? [] : [`mirroring=${mirroring ? 'yes' : 'no'}`]),
    ...(splitLevel === undefined ? [] : [`split=${splitLevel}`]),
  ];
}

/** Voxels in shared memory, so that handing the volume to another thread copies nothing. */
function shared(volume: Volume): Volume {
  const voxels = new Float32Array(new SharedArrayBuffer(volume.voxels.byteLength));
  voxels.set(volume.voxels);
  if (volume.padding === null) return { ...volume, voxels };
  const padding = new Uint8Array(new SharedArrayBuffer(volume.padding.byteLength));
  padding.set(volume.padding);
  return { ...volume, voxels, padding };
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

interface Message {
  readonly id: number;
  readonly name: CallName;
  readonly request: never;
}

/** Calls are answered one after the other: each may need the memory of a whole volume. */
let last: Promise<void> = Promise.resolve();

parentPort?.on('message', ({ id, name, request }: Message) => {
  last = last.then(async () => {
    try {
      const answer = await handlers[name](request);
      parentPort?.postMessage({ id, answer });
    } catch (thrown) {
      const { code, message, next, errorClass, origin, details } = asSitusError(thrown);
      parentPort?.postMessage({
        id,
        error: { code, message, next, errorClass, origin, details },
      });
    }
  });
});
