import { GraphBuilder } from '../onnx/graph.ts';
import type { ValueInfo } from '../onnx/graph.ts';
import type { Place } from './accumulate.ts';
import { addPatch, moveRing, part, rowCorners, rowLogits } from './accumulate.ts';
import { MARGIN, labelShape, ringShape, type VolumeGeometry } from './geometry.ts';
import { zeros } from './halves.ts';
import { countUnusable, labelSlice, type RowPair } from './label-slice.ts';
import { closeBody, loopBody, wholeNumber } from './loop.ts';
import { mirroredInLoop, type NetworkNodes } from './mirror.ts';
import type { Group } from './schedule.ts';

const RING = 'float16';

/** Inputs and outputs of the fused graph. */
export const FUSED = {
  volume: 'volume',
  weights: 'weights',
  labels: 'labels',
  unusable: 'unusable',
} as const;

/**
 * One graph from the padded volume to labels (nnunet-inference §9.1): a loop over groups of patches with the same start along
 * axis 0; inside it a loop over the group's patches, which adds every fold's logits to a ring of its own, and a loop over
 * the slices of labels that are final then. Only labels grow.
 *
 * Inputs: `volume` f32 [1, channels, padded…], `weights` f32 [1, 1, patch…] (the Gaussian map). Outputs: `labels` u8
 * [1 + slices, height, width], whose first slice and those whose `output` is null are to be dropped, and `unusable` f32 [],
 * how many logits were not finite.
 */
export function writeFusedGraph(
  geometry: VolumeGeometry,
  groups: readonly Group[],
  networks: readonly NetworkNodes[],
): Uint8Array<ArrayBuffer> {
  const { tiling, inputChannels } = geometry;
  const [, height, width] = labelShape(geometry);
  const graph = new GraphBuilder();
  const shape = ringShape(geometry);
  const rings = networks.map(() => zeros(graph, graph.integers(shape), RING));
  const none = graph.constant('no_slice', 'uint8', [1, 1, 1], new Uint8Array(1));
  const noLabels = graph.node('Expand', [none, graph.integers([1, height, width])]);
  const body = groupBody(graph, geometry, groups, networks);
  const outputs = graph.nodeWithOutputs(
    'Loop',
    [wholeNumber(graph, groups.length), '', ...rings, noLabels, graph.scalar('zero', 0)],
    rings.length + 2,
    { body: { graph: body } },
  );
  graph.namedNode('Identity', [outputs[rings.length] ?? ''], FUSED.labels);
  graph.namedNode('Identity', [outputs[rings.length + 1] ?? ''], FUSED.unusable);
  return graph.model(
    'situs_fused',
    [
      { name: FUSED.volume, type: 'float32', shape: [1, inputChannels, ...tiling.padded] },
      { name: FUSED.weights, type: 'float32', shape: [1, 1, ...tiling.patch] },
    ],
    [
      { name: FUSED.labels, type: 'uint8', shape: ['slices', height, width] },
      { name: FUSED.unusable, type: 'float32', shape: [] },
    ],
  );
}

function groupBody(
  parent: GraphBuilder,
  geometry: VolumeGeometry,
  groups: readonly Group[],
  networks: readonly NetworkNodes[],
): ReturnType<GraphBuilder['graph']> {
  const body = loopBody(parent);
  const { graph, iteration } = body;
  const [, height, width] = labelShape(geometry);
  const shape = ringShape(geometry);
  const lookUp = (name: string, values: readonly number[]): string =>
    look(
      graph,
      name,
      values.map((value) => [value]),
      iteration,
    );
  const starts = lookUp(
    'group_start',
    groups.map(({ start }) => start),
  );
  const rows = lookUp(
    'group_rows',
    groups.map((group) => group.rows),
  );
  const slices = lookUp(
    'group_slices',
    groups.map((group) => group.slices.length),
  );
  let before = 0;
  const firstSlices = groups.map((group) => {
    before += group.slices.length;
    return before - group.slices.length;
  });
  const firstSlice = lookUp('group_first_slice', firstSlices);

  const rings = networks.map(() => graph.newName());
  const [labels, unusable] = [graph.newName(), graph.newName()];
  const filled = patchLoop(graph, geometry, starts, rings, networks);
  const made = sliceLoop(graph, geometry, groups, { rings: filled, firstSlice, slices, unusable });
  const grown = graph.node('Concat', [labels, made.labels], { axis: { int: 0 } });
  const [batch = 1, channels = 1, , ringHeight = 1, ringWidth = 1] = shape;
  const size = graph.node(
    'Concat',
    [graph.integers([batch, channels]), rows, graph.integers([ringHeight, ringWidth])],
    { axis: { int: 0 } },
  );
  const moved = filled.map((ring) => moveRing(graph, ring, rows, size, RING));
  const ringInfo = (name: string): ValueInfo => ({ name, type: 'float16', shape });
  const labelInfo = (name: string): ValueInfo => {
    return { name, type: 'uint8', shape: [`count_${name}`, height, width] };
  };
  return closeBody(
    body,
    'group',
    [...rings.map(ringInfo), labelInfo(labels), { name: unusable, type: 'float32', shape: [] }],
    [...moved.map(ringInfo), labelInfo(grown), { name: made.unusable, type: 'float32', shape: [] }],
  );
}

/** Adds all patches of a group to the rings. @returns names of the filled rings */
function patchLoop(
  parent: GraphBuilder,
  geometry: VolumeGeometry,
  start: string,
  rings: readonly string[],
  networks: readonly NetworkNodes[],
): string[] {
  const { tiling, heads, mirrorAxes } = geometry;
  const body = loopBody(parent);
  const { graph, iteration } = body;
  const corners = tiling.starts[1].flatMap((y) => tiling.starts[2].map((x) => [y, x] as const));
  const column = (name: string, pick: (corner: readonly [number, number]) => number): string =>
    look(
      graph,
      name,
      corners.map((corner) => [pick(corner)]),
      iteration,
    );
  const [, rows, columns] = tiling.patch;
  const place: Place = {
    top: column('patch_top', ([y]) => y + MARGIN),
    bottom: column('patch_bottom', ([y]) => y + MARGIN + rows),
    left: column('patch_left', ([, x]) => x + MARGIN),
    right: column('patch_right', ([, x]) => x + MARGIN + columns),
  };
  const from = look(graph, 'patch_from', corners, iteration);
  const corner = graph.node('Concat', [start, from], { axis: { int: 0 } });
  const opposite = graph.node('Add', [corner, graph.integers(tiling.patch)]);
  const patch = part(graph, FUSED.volume, corner, opposite, [2, 3, 4]);
  const carried = rings.map(() => graph.newName());
  const filled = networks.map((network, fold) => {
    const mirroring = { size: tiling.patch, heads, axes: mirrorAxes };
    const logits = mirroredInLoop(graph, patch, network, mirroring);
    return addPatch(graph, carried[fold] ?? '', logits, FUSED.weights, place, RING);
  });
  const ringInfo = (name: string): ValueInfo => {
    return { name, type: 'float16', shape: ringShape(geometry) };
  };
  const loop = closeBody(body, 'patches', carried.map(ringInfo), filled.map(ringInfo));
  const count = wholeNumber(parent, corners.length);
  return parent.nodeWithOutputs('Loop', [count, '', ...rings], rings.length, {
    body: { graph: loop },
  });
}

/** Makes the slices of a group. */
function sliceLoop(
  parent: GraphBuilder,
  geometry: VolumeGeometry,
  groups: readonly Group[],
  from: {
    readonly rings: readonly string[];
    /** Lists of one number. */
    readonly firstSlice: string;
    readonly slices: string;
    /** f32 [] */
    readonly unusable: string;
  },
): { readonly labels: string; readonly unusable: string } {
  const body = loopBody(parent);
  const { graph, iteration } = body;
  const [, height, width] = labelShape(geometry);
  const all = groups.flatMap(({ slices }) => slices);
  const number = graph.node('Add', [iteration, scalarOf(graph, from.firstSlice)]);
  const row = (name: string, rows: readonly number[]): string => {
    const corners = rows.map((one) => rowCorners(one, geometry));
    const start = look(
      graph,
      `${name}_from`,
      corners.map((corner) => corner.from),
      number,
    );
    const end = look(
      graph,
      `${name}_to`,
      corners.map((corner) => corner.to),
      number,
    );
    return rowLogits(graph, from.rings, start, end, geometry.heads, RING);
  };
  const weight = (name: string, values: readonly number[]): string => {
    const table = graph.constant(name, 'float32', [values.length], Float32Array.from(values));
    return graph.node('Gather', [table, number], { axis: { int: 0 } });
  };
  const isLinear = geometry.taps[0].taps === 2;
  const rows: RowPair = {
    first: row(
      'row_first',
      all.map(({ first }) => first),
    ),
    second: isLinear
      ? row(
          'row_second',
          all.map(({ second }) => second),
        )
      : null,
    w0: weight(
      'row_w0',
      all.map(({ w0 }) => w0),
    ),
    w1: weight(
      'row_w1',
      all.map(({ w1 }) => w1),
    ),
  };
  const slice = graph.node('Reshape', [
    labelSlice(graph, rows, geometry, { labels: 'uint8', ring: RING }),
    graph.integers([height, width]),
  ]);
  const carried = graph.newName();
  const unusable = graph.node('Add', [carried, countUnusable(graph, rows)]);
  const scalar = (name: string): ValueInfo => ({ name, type: 'float32', shape: [] });
  const loop = closeBody(
    body,
    'slices',
    [scalar(carried)],
    [scalar(unusable), { name: slice, type: 'uint8', shape: [height, width] }],
  );
  const [unusableAfter = '', labels = ''] = parent.nodeWithOutputs(
    'Loop',
    [scalarOf(parent, from.slices), '', from.unusable],
    2,
    { body: { graph: loop } },
  );
  return { labels, unusable: unusableAfter };
}

/** Row number `index` of a table of whole numbers. */
function look(
  graph: GraphBuilder,
  name: string,
  table: readonly (readonly number[])[],
  index: string,
): string {
  const width = table[0]?.length ?? 0;
  const values = BigInt64Array.from(table.flat().map(BigInt));
  const constant = graph.constant(name, 'int64', [table.length, width], values);
  return graph.node('Gather', [constant, index], { axis: { int: 0 } });
}

function scalarOf(graph: GraphBuilder, list: string): string {
  return graph.node('Squeeze', [list, graph.integers([0])]);
}
