import { GraphBuilder, type ValueInfo } from '../onnx/graph.ts';
import { addPatch, moveRing, rowLogits } from './accumulate.ts';
import { labelShape, ringShape, type VolumeGeometry } from './geometry.ts';
import { zeros, type RingType } from './halves.ts';
import { countUnusable, labelSlice, type RowPair } from './label-slice.ts';
import { mirroredUnrolled, type NetworkNodes } from './mirror.ts';

/** Names of inputs and outputs of the graphs that keep their ring on the device between calls. */
export const RESIDENT = {
  patch: 'patch',
  weights: 'weights',
  top: 'top',
  bottom: 'bottom',
  left: 'left',
  right: 'right',
  ring: 'ring',
  newRing: 'new_ring',
  rows: 'rows',
  size: 'size',
  from: ['first_from', 'second_from'],
  to: ['first_to', 'second_to'],
  w0: 'w0',
  w1: 'w1',
  labels: 'labels',
  unusable: 'unusable',
} as const;

/** The ring of fold number `fold` among the inputs of the slice graph. */
export function ringName(fold: number): string {
  return `ring_${fold}`;
}

const list = (name: string, length: number): ValueInfo => ({
  name,
  type: 'int64',
  shape: [length],
});

/**
 * One patch of one fold: network, weights, and addition to the ring. Inputs: `patch` f32 [1, channels, patch…], `weights`
 * f32 [1, 1, patch…], `ring` (geometry.ts), and `top`, `bottom`, `left`, `right`, the place in the ring, one whole number
 * each. Output: `new_ring`.
 */
export function writeStepGraph(
  geometry: VolumeGeometry,
  network: NetworkNodes,
  type: RingType,
): Uint8Array<ArrayBuffer> {
  const { tiling, inputChannels, mirrorAxes } = geometry;
  const graph = new GraphBuilder();
  const { patch, weights, ring, newRing, top, bottom, left, right } = RESIDENT;
  const logits = mirroredUnrolled(graph, patch, network, { size: tiling.patch, axes: mirrorAxes });
  const added = addPatch(graph, ring, logits, weights, { top, bottom, left, right }, type);
  graph.namedNode('Identity', [added], newRing);
  const shape = ringShape(geometry);
  return graph.model(
    'situs_step',
    [
      { name: patch, type: 'float32', shape: [1, inputChannels, ...tiling.patch] },
      { name: weights, type: 'float32', shape: [1, 1, ...tiling.patch] },
      { name: ring, type, shape },
      ...[top, bottom, left, right].map((name) => list(name, 1)),
    ],
    [{ name: newRing, type, shape }],
  );
}

/** Drops the rows that are final: `ring`, `rows` (one number), `size` (the shape of so many rows) → `new_ring`. */
export function writeMoveGraph(geometry: VolumeGeometry, type: RingType): Uint8Array<ArrayBuffer> {
  const graph = new GraphBuilder();
  const shape = ringShape(geometry);
  const { ring, rows, size, newRing } = RESIDENT;
  graph.namedNode('Identity', [moveRing(graph, ring, rows, size, type)], newRing);
  return graph.model(
    'situs_move',
    [{ name: ring, type, shape }, list(rows, 1), list(size, shape.length)],
    [{ name: newRing, type, shape }],
  );
}

/** A ring of zeros: `size` (its shape) → `new_ring`. */
export function writeEmptyRingGraph(
  geometry: VolumeGeometry,
  type: RingType,
): Uint8Array<ArrayBuffer> {
  const graph = new GraphBuilder();
  const shape = ringShape(geometry);
  graph.namedNode('Identity', [zeros(graph, RESIDENT.size, type)], RESIDENT.newRing);
  return graph.model(
    'situs_empty_ring',
    [list(RESIDENT.size, shape.length)],
    [{ name: RESIDENT.newRing, type, shape }],
  );
}

/**
 * One slice of labels: `ring_0`, `ring_1`, … of all folds; corners of the rows in the ring (`rowCorners`); weights of the rows,
 * one number each. Outputs: `labels` i32 [1, height, width] and `unusable` f32 [], how many logits were not finite.
 */
export function writeSliceGraph(geometry: VolumeGeometry, type: RingType): Uint8Array<ArrayBuffer> {
  const graph = new GraphBuilder();
  const [, height, width] = labelShape(geometry);
  const rings = Array.from({ length: geometry.folds }, (_, fold) => ringName(fold));
  const isLinear = geometry.taps[0].taps === 2;
  const row = (which: 0 | 1): string =>
    rowLogits(graph, rings, RESIDENT.from[which], RESIDENT.to[which], geometry.heads, type);
  const rows: RowPair = {
    first: row(0),
    second: isLinear ? row(1) : null,
    w0: RESIDENT.w0,
    w1: RESIDENT.w1,
  };
  graph.namedNode(
    'Identity',
    [labelSlice(graph, rows, geometry, { labels: 'int32', ring: type })],
    RESIDENT.labels,
  );
  graph.namedNode('Identity', [countUnusable(graph, rows)], RESIDENT.unusable);
  const second = isLinear
    ? [
        list(RESIDENT.from[1], 3),
        list(RESIDENT.to[1], 3),
        ...[RESIDENT.w0, RESIDENT.w1].map((name): ValueInfo => ({
          name,
          type: 'float32',
          shape: [1],
        })),
      ]
    : [];
  return graph.model(
    'situs_slice',
    [
      ...rings.map((name): ValueInfo => ({ name, type, shape: ringShape(geometry) })),
      list(RESIDENT.from[0], 3),
      list(RESIDENT.to[0], 3),
      ...second,
    ],
    [
      { name: RESIDENT.labels, type: 'int32', shape: [1, height, width] },
      { name: RESIDENT.unusable, type: 'float32', shape: [] },
    ],
  );
}
