import * as ort from 'onnxruntime-node';
import { dirname } from 'node:path';
import { fault } from '../../contracts/index.ts';
import { copyTaps, linearTaps, type AxisTaps } from '../export/axis-taps.ts';
import { FUSED, writeFusedGraph } from '../fused/fused-graph.ts';
import { suitsGraphs, type VolumeGeometry } from '../fused/geometry.ts';
import type { NetworkNodes } from '../fused/mirror.ts';
import { readNetworkFile, type NetworkFile } from '../fused/network-file.ts';
import { scheduleGroups } from '../fused/schedule.ts';
import { spliceNetwork } from '../fused/splice.ts';
import { gaussianMap } from '../inference/gaussian.ts';
import { patchCount, tile } from '../inference/tiles.ts';
import { product } from '../product.ts';
import { volumeFits } from './device-memory.ts';
import type { Placement, VolumeWork } from './engine.ts';
import { createSession, runSession, type Runtime } from './session.ts';
import { SliceCollector, padVolume, requireFinite } from './volume-labels.ts';
import { runOnce } from './watched-session.ts';

/**
 * Labels of a volume by one graph and one call (nnunet-inference §9.1): nothing but labels leaves the device. The call
 * can't be looked into; who wants to stop it ends the process.
 * @returns null where the volume does not suit the graph or the card's memory
 */
export async function labelFused(
  runtime: Runtime,
  work: VolumeWork,
  told: (placement: Placement) => void,
): Promise<Uint8Array | null> {
  const { geometry, values, tick, time } = work;
  if (!suitsGraphs(geometry)) return null;
  const networks = work.networks.map(readNetworkFile);
  if (!volumeFits(runtime, networks, geometry)) return null;
  const total = patchCount(geometry.tiling) * networks.length;
  tick(0, total);
  told(await time('load', () => provePlacement(runtime, geometry, networks)));
  tick(0, total);
  const volume = padVolume(values, geometry.tiling);
  const labels = await runGraph(runtime, geometry, networks, volume, time);
  tick(total, total);
  return labels;
}

async function runGraph(
  runtime: Runtime,
  geometry: VolumeGeometry,
  networks: readonly NetworkFile[],
  volume: Float32Array<ArrayBuffer>,
  time: VolumeWork['time'],
): Promise<Uint8Array> {
  const groups = scheduleGroups(geometry.tiling, geometry.taps);
  const session = await time('load', () =>
    createSession(runtime, {
      model: writeFusedGraph(geometry, groups, networkNodes(networks)),
      weightsFolder: weightsFolder(networks),
      hostNodes: true,
    }),
  );
  try {
    const answer = await time('network', () =>
      runSession(runtime, session, feeds(geometry, volume)),
    );
    const { [FUSED.labels]: labels, [FUSED.unusable]: unusable } = answer;
    if (!(labels?.data instanceof Uint8Array) || !(unusable?.data instanceof Float32Array)) {
      throw fault('NETWORK_OUTPUT', 'The fused graph gave no labels.');
    }
    requireFinite(unusable.data[0]);
    const collector = new SliceCollector(geometry, groups);
    const [, height = 0, width = 0] = labels.dims;
    collector.addAll(labels.data.subarray(height * width));
    return collector.labels;
  } finally {
    await session.release();
  }
}

/**
 * Runs the graph of a volume of one patch with the first fold and asks the runtime which provider ran each node. The same
 * operators on the same types are placed alike in the large graph, whose profile would be gigabytes.
 * @throws SitusError `DEVICE_FELL_BACK`
 */
async function provePlacement(
  runtime: Runtime,
  geometry: VolumeGeometry,
  networks: readonly NetworkFile[],
): Promise<Placement> {
  const { patch } = geometry.tiling;
  const small = (axis: AxisTaps, size: number): AxisTaps =>
    axis.taps === 1 ? copyTaps(size, size) : linearTaps(size, size + 1);
  const [axis0, axis1, axis2] = geometry.taps;
  const probe: VolumeGeometry = {
    ...geometry,
    folds: 1,
    tiling: tile(patch, patch),
    taps: [small(axis0, patch[0]), small(axis1, patch[1]), small(axis2, patch[2])],
  };
  const groups = scheduleGroups(probe.tiling, probe.taps);
  const source = {
    model: writeFusedGraph(probe, groups, networkNodes(networks.slice(0, 1))),
    weightsFolder: weightsFolder(networks),
    hostNodes: true,
  };
  const volume = new Float32Array(product(patch) * geometry.inputChannels);
  const { placement } = await runOnce(runtime, source, feeds(probe, volume));
  return placement;
}

function networkNodes(networks: readonly NetworkFile[]): NetworkNodes[] {
  return networks.map(
    (network, fold) => (graph, patch) =>
      spliceNetwork(graph, network, patch, { prefix: `fold${fold}.`, upsample: 'operator' }),
  );
}

/** All folds lie in one. */
function weightsFolder([first]: readonly NetworkFile[]): string {
  return dirname(first?.path ?? '');
}

function feeds(
  { tiling, inputChannels }: VolumeGeometry,
  volume: Float32Array<ArrayBuffer>,
): Record<string, ort.Tensor> {
  const weights = gaussianMap(tiling.patch);
  return {
    [FUSED.volume]: new ort.Tensor('float32', volume, [1, inputChannels, ...tiling.padded]),
    [FUSED.weights]: new ort.Tensor('float32', weights, [1, 1, ...tiling.patch]),
  };
}
