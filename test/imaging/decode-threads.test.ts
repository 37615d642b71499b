import { describe, expect, it } from '@jest/globals';

import { buildVolume, readInstance } from '../../src/imaging/index.ts';
import type { ParsedInstance, VolumeOptions } from '../../src/imaging/index.ts';
import { TRANSFER_SYNTAX } from '../support/dicom.ts';
import { refusalOf } from '../support/refusal.ts';
import { golden, goldenNames } from './goldens.ts';
import { readSeries } from './read-series.ts';

const SLICES = 7;
/** One file of each codec. */
const COMPRESSED = goldenNames(
  /^((htj2k|jpeg2000|jpeg-ls|jpeg-lossless-sv1|rle)-signed16|jpeg-baseline-unsigned8)\.dcm$/,
);

/** Series whose slices all have the pixel data of one file, each with a rescale of its own. */
function seriesOf(name: string): ParsedInstance[] {
  const { pixels, transferSyntaxUid, dataset } = readInstance(golden(name));
  const format = [
    '00280002',
    '00280010',
    '00280011',
    '00280100',
    '00280101',
    '00280102',
    '00280103',
  ];
  return readSeries({
    slices: SLICES,
    modality: 'CT',
    rescale: (slice) => ({ slope: slice + 1, intercept: -slice }),
  }).map((instance) => ({
    ...instance,
    pixels,
    transferSyntaxUid,
    dataset: {
      ...instance.dataset,
      ...Object.fromEntries(format.map((tag) => [tag, dataset[tag] ?? { vr: 'US' }])),
    },
  }));
}

function build(instances: readonly ParsedInstance[], options: VolumeOptions = {}) {
  return buildVolume(instances, null, { shared: true, ...options });
}

/** Cuts the stream of one slice to its first bytes. */
function damaged(series: ParsedInstance[], slice: number): ParsedInstance {
  const instance = series[slice];
  if (instance?.pixels?.kind !== 'encapsulated') throw new Error('no compressed slice');
  const fragments = instance.pixels.fragments.map(({ offset, bytes }) => ({
    offset,
    bytes: bytes.subarray(0, 30),
  }));
  const broken = { ...instance, pixels: { ...instance.pixels, fragments } };
  series[slice] = broken;
  return broken;
}

function threadsAlive(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'MessagePort').length;
}

describe('decoding on threads', () => {
  it.each(COMPRESSED)('%s: the same volume whatever the number of threads', async (name) => {
    const alone = await build(seriesOf(name));
    const volume = await build(seriesOf(name), { threads: 3 });
    expect(volume).toEqual(alone);
    expect(volume.voxels.buffer).toBeInstanceOf(SharedArrayBuffer);
  });

  it('marks padding as one thread does', async () => {
    const options = {
      slices: SLICES,
      modality: 'CT',
      signed: true,
      header: { PixelPaddingValue: 3 },
      value: ({ slice, column }: { slice: number; column: number }) => (slice % 2) + column,
    } as const;
    const alone = await build(readSeries(options));
    const series = readSeries({ ...options, transferSyntax: TRANSFER_SYNTAX.rle });
    const volume = await build(series, { threads: 2 });
    expect(alone.padding).not.toBeNull();
    expect(volume.padding).toEqual(alone.padding);
    expect(volume.voxels).toEqual(alone.voxels);
  });

  it('names the first damaged frame in the order of slices, in the words of one thread', async () => {
    const series = seriesOf('jpeg-ls-unsigned12.dcm');
    damaged(series, 2);
    const first = damaged(series, 1);
    const alone = await refusalOf(() => build(series));
    const error = await refusalOf(() => build(series, { threads: 3 }));
    expect(error.code).toBe('DECODE_FAILED');
    expect(error.details['sopInstanceUids']).toEqual([first.sopInstanceUid]);
    expect(error.toJSON()).toEqual(alone.toJSON());
  });

  it('gives up a frame that takes too long, and says which', async () => {
    const series = seriesOf('jpeg2000-unsigned12.dcm');
    const before = threadsAlive();
    const error = await refusalOf(() => build(series, { threads: 1, frameMs: 1 }));
    expect(error.code).toBe('DECODE_FAILED');
    expect(error.message).toContain('cannot be decoded within 0.001 s');
    expect(error.details['sopInstanceUids']).toEqual([series[0]?.sopInstanceUid]);
    expect(threadsAlive()).toBe(before);
  });

  it('ends with the reason of the signal, and leaves no thread behind', async () => {
    const before = threadsAlive();
    const stopping = new AbortController();
    const reason = new Error('enough');
    const building = build(seriesOf('jpeg2000-unsigned12.dcm'), {
      threads: 2,
      signal: stopping.signal,
    });
    setImmediate(() => stopping.abort(reason));
    await expect(building).rejects.toBe(reason);
    expect(threadsAlive()).toBe(before);
  });
});
