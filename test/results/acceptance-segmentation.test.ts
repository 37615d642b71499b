import { describe, expect, it } from '@jest/globals';
import { encodeSeg } from '../../src/results/index.ts';
import { acceptanceCases, EMPTY_SLICE, makeCase } from '../support/acceptance.ts';
import { dciodvfy, haveTool } from '../support/dciodvfy.ts';
import { makeSeries } from '../support/dicom.ts';
import {
  rawItems,
  rawTexts,
  rawValue,
  readRaw,
  type RawDataset,
} from '../support/dicom-objects.ts';
import {
  distance,
  pixelPoint,
  rawFrames,
  rawGeometry,
  rawSource,
  type Point,
} from '../support/raw-segmentation.ts';
import { makeResultInput } from '../support/results.ts';
import { STRUCTURE_NAMES, STRUCTURES } from '../support/structures.ts';
import { makeLabels } from '../support/volume.ts';

/** Checks 1 to 6 of dicom-seg-sr §4.2; what is read is read by dcmjs and plain arithmetic alone. */
const conformance = haveTool('dciodvfy');
/** Those of the model; the others of the file are of body composition. */
const FORTY = STRUCTURES.filter(({ index }) => index <= 40);
const CASES = await acceptanceCases();

describe.each(CASES)('the segmentation of $name', ({ files, volume, labels, seg }) => {
  const dataset = readRaw(seg.bytes);
  const geometry = rawGeometry(dataset);
  const frames = rawFrames(dataset);
  const source = rawSource(files);
  const area = geometry.rows * geometry.columns;

  it('1. has no error by dciodvfy, and frames equal to the label volume voxel for voxel', () => {
    if (conformance) expect(dciodvfy(seg.bytes)).toEqual([]);
    const rebuilt = new Uint8Array(labels.voxels.length);
    for (const { segment, sources, pixels } of frames) {
      const slice = source.findIndex(({ uid }) => uid === sources[0]?.uid);
      pixels.forEach((bit, pixel) => {
        if (bit === 1) rebuilt[slice * area + pixel] = segment;
      });
    }
    expect(Buffer.compare(rebuilt, labels.voxels)).toBe(0);
  });

  it('2. gives the volume back by itself, empty slices missing, within 1e-4 mm at all 8 corners', () => {
    const { orientation, sliceSpacing, rows, columns } = geometry;
    const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = orientation;
    const normal = [b * f - c * e, c * d - a * f, a * e - b * d];
    const along = (position: readonly string[]): number =>
      position.reduce((sum, at, axis) => sum + Number(at) * (normal[axis] ?? 0), 0);
    const positions = frames.map(({ position }) => position).sort((x, y) => along(x) - along(y));
    const [first = []] = positions;
    const ranks = new Set(
      positions.map((position) => Math.round((along(position) - along(first)) / sliceSpacing)),
    );
    expect(ranks).not.toContain(EMPTY_SLICE);
    const last = Math.max(...ranks);
    expect(last).toBe(source.length - 1);
    for (const slice of [0, last]) {
      for (const [column, row] of [0, rows - 1].flatMap((r) =>
        [0, columns - 1].map((k) => [k, r]),
      )) {
        const start = pixelPoint(geometry, first, column ?? 0, row ?? 0);
        const rebuilt = start.map(
          (value, axis) => value + slice * sliceSpacing * (normal[axis] ?? 0),
        );
        const there = pixelPoint(geometry, source[slice]?.position ?? [], column ?? 0, row ?? 0);
        expect(distance(there, [rebuilt[0] ?? 0, rebuilt[1] ?? 0, rebuilt[2] ?? 0])).toBeLessThan(
          1e-4,
        );
      }
    }
    const original = readRaw(files[0] ?? new Uint8Array());
    expect(orientation).toEqual(rawTexts(original, '00200037').map(Number));
    expect(geometry.pixelSpacing).toEqual(rawTexts(original, '00280030').map(Number));
  });

  it('3. has the marked corners and the left organ where the source has them', () => {
    const [slices, rows, columns] = volume.shape;
    const isCorner = (column: number, row: number, slice: number): boolean =>
      [0, columns - 1].includes(column) &&
      [0, rows - 1].includes(row) &&
      [0, slices - 1].includes(slice);
    const pointOf = (column: number, row: number, slice: number): Point =>
      pixelPoint(geometry, source[slice]?.position ?? [], column, row);
    const middle = pointOf((columns - 1) / 2, (rows - 1) / 2, Math.floor(slices / 2))[0];
    const [liver, left, right] = [5, 3, 2];
    const marked = makeLabels(volume, STRUCTURE_NAMES, (column, row, slice) => {
      if (isCorner(column, row, slice)) return liver;
      const x = pointOf(column, row, slice)[0] - middle;
      return Math.abs(x) < 2 ? 0 : x > 0 ? left : right;
    });
    const found = readRaw(encodeSeg(makeResultInput(volume, marked)).bytes);
    const points = new Map<string, Point[]>();
    const names = rawItems(found, '00620002').map((item) => rawTexts(item, '00620005')[0] ?? '');
    for (const { segment, position, pixels } of rawFrames(found)) {
      const list = points.get(names[segment - 1] ?? '') ?? [];
      points.set(names[segment - 1] ?? '', list);
      pixels.forEach((bit, pixel) => {
        if (bit === 0) return;
        list.push(pixelPoint(geometry, position, pixel % columns, Math.floor(pixel / columns)));
      });
    }
    const corners = points.get('liver') ?? [];
    expect(corners).toHaveLength(8);
    for (const slice of [0, slices - 1]) {
      for (const row of [0, rows - 1]) {
        for (const column of [0, columns - 1]) {
          const nearest = corners.map((point) => distance(point, pointOf(column, row, slice)));
          expect(Math.min(...nearest)).toBeLessThan(1e-4);
        }
      }
    }
    const sides = ['left_kidney', 'right_kidney'].map(
      (name) => points.get(name)?.map(([x]) => x) ?? [],
    );
    expect(sides.every((xs) => xs.length > 0)).toBe(true);
    const isLeftOf = (sides[0] ?? []).every((x) => x > middle);
    const isRightOf = (sides[1] ?? []).every((x) => x < middle);
    expect([isLeftOf, isRightOf]).toEqual([true, true]);
  });

  it('4. has the frames with a voxel and no others; index values unique, dense, in order', () => {
    const pairs = new Set<string>();
    labels.voxels.forEach((label, index) => {
      if (label > 0) pairs.add(`${label} ${Math.floor(index / area)}`);
    });
    expect(frames).toHaveLength(pairs.size);
    expect(frames.every(({ pixels }) => pixels.includes(1))).toBe(true);
    const indices = frames.map(({ index }) => index);
    expect(new Set(indices.map((index) => index.join())).size).toBe(frames.length);
    for (const dimension of [0, 1]) {
      const used = [...new Set(indices.map((index) => index[dimension] ?? 0))].sort(
        (x, y) => x - y,
      );
      expect(used).toEqual(used.map((_, rank) => rank + 1));
    }
    const order = indices.map(([segment = 0, position = 0]) => segment * 10_000 + position);
    expect(order).toEqual([...order].sort((x, y) => x - y));
    expect(indices.map(([segment]) => segment)).toEqual(frames.map(({ segment }) => segment));
  });

  it('5. refers in every frame to the instance at its position, and lists exactly what it refers to', () => {
    const positions = new Map(source.map(({ uid, position }) => [uid, position]));
    for (const { sources, position } of frames) {
      expect(sources).toHaveLength(1);
      expect(positions.get(sources[0]?.uid ?? '')).toEqual(position);
      expect(sources[0]?.frame).toBeNull();
    }
    const root = rawItems(dataset, '00082112').map((item) => rawTexts(item, '00081155')[0] ?? '');
    const referred = new Set([
      ...root,
      ...frames.flatMap(({ sources }) => sources.map(({ uid }) => uid)),
    ]);
    const [series, ...others] = rawItems(dataset, '00081115');
    expect(others).toEqual([]);
    const listed = rawItems(series, '0008114A').map((item) => rawTexts(item, '00081155')[0] ?? '');
    expect([...referred].sort()).toEqual([...listed].sort());
    expect(new Set(listed).size).toBe(listed.length);
  });

  it('6. has 40 segments coded as structures.json says, and three numbered 1 to 3', () => {
    expect(segmentsOf(dataset)).toEqual(
      FORTY.map(({ name, category, type, laterality }, index) => ({
        number: index + 1,
        name,
        category,
        type,
        laterality,
      })),
    );
    const three = makeLabels(volume, STRUCTURE_NAMES, (column) => [2, 3, 40][column] ?? 0);
    const few = segmentsOf(readRaw(encodeSeg(makeResultInput(volume, three)).bytes));
    expect(few.map(({ number, name, laterality }) => [number, name, laterality?.meaning])).toEqual([
      [1, 'right_kidney', 'Right'],
      [2, 'left_kidney', 'Left'],
      [3, 'right_gluteus_minimus', 'Right'],
    ]);
  });
});

function codeOf(item: RawDataset | undefined) {
  if (item === undefined) return null;
  const [value, scheme, meaning] = ['00080100', '00080102', '00080104'].map(
    (tag) => rawTexts(item, tag)[0] ?? '',
  );
  return { value, scheme, meaning };
}

/** Segments with the modifier taken from inside the type, where alone it belongs. */
function segmentsOf(dataset: RawDataset) {
  return rawItems(dataset, '00620002').map((item) => {
    const [type] = rawItems(item, '0062000F');
    return {
      number: Number(rawValue(item, '00620004')),
      name: rawTexts(item, '00620005')[0],
      category: codeOf(rawItems(item, '00620003')[0]),
      type: codeOf(type),
      laterality: codeOf(rawItems(type, '00620011')[0]),
    };
  });
}

describe('the segmentation of an enhanced MR', () => {
  it('11. carries the frame numbers of the echo that was used, and of no other', async () => {
    const stacks = [{ EchoTime: 1.2 }, { EchoTime: 2.3 }, { EchoTime: 4.6 }];
    const { instances } = makeSeries({
      enhanced: true,
      stacks,
      slices: 6,
      rows: 16,
      columns: 16,
      order: 'shuffled',
    });
    const [file] = instances;
    const original = readRaw(file?.bytes ?? new Uint8Array());
    const groups = rawItems(original, '52009230').map((frame) => ({
      echo: Number(rawValue(rawItems(frame, '00189114')[0], '00189082')),
      position: rawTexts(rawItems(frame, '00209113')[0], '00200032'),
    }));
    expect(groups).toHaveLength(18);
    for (const [stack, { EchoTime }] of stacks.entries()) {
      const { seg } = await makeCase('echoes', [file?.bytes ?? new Uint8Array()], stack);
      if (conformance) expect(dciodvfy(seg.bytes)).toEqual([]);
      const dataset = readRaw(seg.bytes);
      const frames = rawFrames(dataset);
      for (const { sources, position } of frames) {
        expect(sources.map(({ uid }) => uid)).toEqual([file?.sopInstanceUid]);
        const used = groups[(sources[0]?.frame ?? 0) - 1];
        expect(used).toEqual({ echo: EchoTime, position });
      }
      const chosen = groups.flatMap(({ echo }, index) => (echo === EchoTime ? [index + 1] : []));
      const root = rawItems(dataset, '00082112').flatMap((item) =>
        rawTexts(item, '00081160').map(Number),
      );
      expect([...new Set(root)].sort((x, y) => x - y).filter((n) => !chosen.includes(n))).toEqual(
        [],
      );
      const listed = rawItems(rawItems(dataset, '00081115')[0], '0008114A');
      expect(listed.map((item) => rawTexts(item, '00081155')[0])).toEqual([file?.sopInstanceUid]);
    }
  });
});
