import * as ort from 'onnxruntime-node';
import { dirname } from 'node:path';
import { fault } from '../../contracts/index.ts';
import { rowCorners } from '../fused/accumulate.ts';
import { MARGIN, ringShape, suitsGraphs, type VolumeGeometry } from '../fused/geometry.ts';
import type { NetworkNodes } from '../fused/mirror.ts';
import { readNetworkFile, type NetworkFile } from '../fused/network-file.ts';
import {
  RESIDENT,
  ringName,
  writeEmptyRingGraph,
  writeMoveGraph,
  writeSliceGraph,
  writeStepGraph,
} from '../fused/resident-graphs.ts';
import { scheduleGroups, type SliceTaps } from '../fused/schedule.ts';
import { spliceNetwork } from '../fused/splice.ts';
import { gaussianMap } from '../inference/gaussian.ts';
import { extractPatch, patchCount } from '../inference/tiles.ts';
import { product } from '../product.ts';
import type { Placement, VolumeWork } from './engine.ts';
import { volumeFits } from './device-memory.ts';
import { holdsHalves } from './device-probe.ts';
import type { ModelSource, Runtime } from './session.ts';
import { SliceCollector, requireFinite } from './volume-labels.ts';
import { openWatched, type WatchedSession } from './watched-session.ts';

/** Bytes of one ring that a graphics interface may be expected to bind at once. */
const RING_LIMIT = 2 ** 30;

/**
 * Labels of a volume by many small calls whose sums stay on the device between them (nnunet-inference §9.2): one call a
 * patch and fold, one a slice of labels. For devices whose tensors the runtime can keep for us.
 * @returns null where the volume does not suit the graphs or the card's memory
 */
export async function labelResident(
  runtime: Runtime,
  work: VolumeWork,
  told: (placement: Placement) => void,
): Promise<Uint8Array | null> {
  const { geometry, tick, time } = work;
  const ringBytes = 4 * product(ringShape(geometry));
  if (!suitsGraphs(geometry) || ringBytes > RING_LIMIT) return null;
  const networks = work.networks.map(readNetworkFile);
  if (!volumeFits(runtime, networks, geometry)) return null;
  const sessions = await time('load', () => openSessions(runtime, geometry, networks, told));
  try {
    const groups = scheduleGroups(geometry.tiling, geometry.taps);
    const collector = new SliceCollector(geometry, groups);
    const steps = new PatchSteps(sessions, work);
    let rings = await steps.emptyRings();
    const total = patchCount(geometry.tiling) * networks.length;
    for (const group of groups) {
      for (const y of geometry.tiling.starts[1]) {
        for (const x of geometry.tiling.starts[2]) {
          tick(steps.done, total);
          rings = await time('network', () => steps.add(rings, [group.start, y, x]));
        }
      }
      for (const slice of group.slices) {
        collector.add(await time('network', () => steps.slice(rings, slice)));
      }
      rings = await time('network', () => steps.move(rings, group.rows));
    }
    for (const ring of rings) ring.dispose();
    tick(total, total);
    return collector.labels;
  } finally {
    await sessions.close();
  }
}

type Run = WatchedSession['run'];

interface Sessions {
  readonly steps: readonly Run[];
  readonly slice: Run;
  readonly move: Run;
  readonly empty: Run;
  close(): Promise<void>;
}

async function openSessions(
  runtime: Runtime,
  geometry: VolumeGeometry,
  networks: readonly NetworkFile[],
  told: (placement: Placement) => void,
): Promise<Sessions> {
  const opened: WatchedSession[] = [];
  const stays: ModelSource['options'] =
    runtime.device === 'cpu'
      ? {}
      : { preferredOutputLocation: { [RESIDENT.newRing]: 'gpu-buffer' } };
  const open = async (source: ModelSource): Promise<Run> => {
    const session = await openWatched(runtime, source, told);
    opened.push(session);
    return (feeds) => session.run(feeds);
  };
  // The binding can't be given halves that lie on the host.
  const isHost = runtime.device === 'cpu';
  const type = !isHost && (await holdsHalves(runtime)) ? 'float16' : 'float32';
  const upsample = runtime.device === 'webgpu' ? { patch: geometry.tiling.patch } : 'operator';
  const steps: Run[] = [];
  for (const network of networks) {
    const nodes: NetworkNodes = (graph, patch) =>
      spliceNetwork(graph, network, patch, { prefix: '', upsample });
    const model = writeStepGraph(geometry, nodes, type);
    steps.push(await open({ model, weightsFolder: dirname(network.path), options: stays }));
  }
  return {
    steps,
    slice: await open({ model: writeSliceGraph(geometry, type) }),
    move: await open({ model: writeMoveGraph(geometry, type), options: stays }),
    empty: await open({ model: writeEmptyRingGraph(geometry, type), options: stays }),
    close: async () => {
      for (const session of opened) await session.release();
    },
  };
}

/** The calls of one volume. Tensors of the device are given back as soon as their successor is there. */
class PatchSteps {
  done = 0;
  private readonly sessions: Sessions;
  private readonly work: VolumeWork;
  private readonly weights: ort.Tensor;
  private readonly patch: Float32Array<ArrayBuffer>;

  constructor(sessions: Sessions, work: VolumeWork) {
    const { patch } = work.geometry.tiling;
    this.sessions = sessions;
    this.work = work;
    this.patch = new Float32Array(product(patch) * work.geometry.inputChannels);
    this.weights = new ort.Tensor('float32', gaussianMap(patch), [1, 1, ...patch]);
  }

  async emptyRings(): Promise<ort.Tensor[]> {
    const size = whole(ringShape(this.work.geometry));
    const rings: ort.Tensor[] = [];
    while (rings.length < this.sessions.steps.length) {
      rings.push(ringOf(await this.sessions.empty({ [RESIDENT.size]: size })));
    }
    return rings;
  }

  async add(
    rings: readonly ort.Tensor[],
    start: readonly [number, number, number],
  ): Promise<ort.Tensor[]> {
    const { values, geometry } = this.work;
    const { tiling, inputChannels } = geometry;
    extractPatch(values, tiling, start, this.patch);
    const [, y, x] = start;
    const [, height, width] = tiling.patch;
    const common = {
      [RESIDENT.patch]: new ort.Tensor('float32', this.patch, [1, inputChannels, ...tiling.patch]),
      [RESIDENT.weights]: this.weights,
      [RESIDENT.top]: whole([y + MARGIN]),
      [RESIDENT.bottom]: whole([y + MARGIN + height]),
      [RESIDENT.left]: whole([x + MARGIN]),
      [RESIDENT.right]: whole([x + MARGIN + width]),
    };
    const added: ort.Tensor[] = [];
    for (const [fold, step] of this.sessions.steps.entries()) {
      added.push(await replace(rings[fold], (ring) => step({ ...common, [RESIDENT.ring]: ring })));
      this.done += 1;
    }
    return added;
  }

  async move(rings: readonly ort.Tensor[], rows: number): Promise<ort.Tensor[]> {
    const shape = ringShape(this.work.geometry);
    const size = whole(shape.map((n, axis) => (axis === 2 ? rows : n)));
    const moved: ort.Tensor[] = [];
    for (const one of rings) {
      moved.push(
        await replace(one, (ring) =>
          this.sessions.move({
            [RESIDENT.ring]: ring,
            [RESIDENT.rows]: whole([rows]),
            [RESIDENT.size]: size,
          }),
        ),
      );
    }
    return moved;
  }

  async slice(rings: readonly ort.Tensor[], taps: SliceTaps): Promise<Int32Array> {
    const { geometry } = this.work;
    const feeds: Record<string, ort.Tensor> = {};
    rings.forEach((ring, fold) => {
      feeds[ringName(fold)] = ring;
    });
    const rows = geometry.taps[0].taps === 2 ? [taps.first, taps.second] : [taps.first];
    rows.forEach((row, which) => {
      const { from, to } = rowCorners(row, geometry);
      feeds[RESIDENT.from[which] ?? ''] = whole(from);
      feeds[RESIDENT.to[which] ?? ''] = whole(to);
    });
    if (rows.length === 2) {
      feeds[RESIDENT.w0] = new ort.Tensor('float32', Float32Array.of(taps.w0), [1]);
      feeds[RESIDENT.w1] = new ort.Tensor('float32', Float32Array.of(taps.w1), [1]);
    }
    const { [RESIDENT.labels]: labels, [RESIDENT.unusable]: unusable } =
      await this.sessions.slice(feeds);
    if (!(labels?.data instanceof Int32Array) || !(unusable?.data instanceof Float32Array)) {
      throw fault('NETWORK_OUTPUT', 'The slice graph gave no labels.');
    }
    requireFinite(unusable.data[0]);
    return labels.data;
  }
}

/** The ring's successor; the old one is given back. */
async function replace(
  ring: ort.Tensor | undefined,
  make: (ring: ort.Tensor) => ReturnType<Run>,
): Promise<ort.Tensor> {
  if (ring === undefined) throw fault('NETWORK_OUTPUT', 'A fold has no ring.');
  const next = ringOf(await make(ring));
  ring.dispose();
  return next;
}

function ringOf(answer: ort.InferenceSession.ReturnType): ort.Tensor {
  const ring = answer[RESIDENT.newRing];
  if (ring === undefined) throw fault('NETWORK_OUTPUT', 'The step graph gave no ring.');
  return ring;
}

function whole(values: readonly number[]): ort.Tensor {
  return new ort.Tensor('int64', BigInt64Array.from(values.map(BigInt)), [values.length]);
}
