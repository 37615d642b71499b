import { messageOf, refuse } from '../../contracts/index.ts';
import { decodeRle } from '../../imaging/index.ts';
import { RLE_LOSSLESS } from '../dicom/file.ts';
import { numberOf, textOf, type ReadFile } from './dataset.ts';

const UNCOMPRESSED = new Set(['1.2.840.10008.1.2', '1.2.840.10008.1.2.1']);
/** Of all frames; more would not fit into one array. */
const MOST_PIXELS = 2 ** 32;

/**
 * The pixel data of a segmentation, or of pictures, as they stand in an uncompressed one, without the byte that pads
 * them: a view of the file, or the frames of an 8-bit RLE Lossless object decoded one after the other.
 * @throws SitusError UNSUPPORTED_SEGMENTATION, DECODE_FAILED (refuse).
 */
export function nativePixels({ dataset, transferSyntax }: ReadFile): Uint8Array {
  const element = dataset.get('PixelData');
  const uid = textOf(dataset, 'SOPInstanceUID') ?? '';
  const area = (numberOf(dataset, 'Rows') ?? 0) * (numberOf(dataset, 'Columns') ?? 0);
  const samples = numberOf(dataset, 'SamplesPerPixel') ?? 1;
  const bits = (numberOf(dataset, 'BitsAllocated') ?? 0) * samples;
  if (UNCOMPRESSED.has(transferSyntax)) {
    const length = Math.ceil(((numberOf(dataset, 'NumberOfFrames') ?? 0) * area * bits) / 8);
    return element?.bytes?.subarray(0, length) ?? new Uint8Array(0);
  }
  const frames = element?.fragments ?? [];
  const readable = transferSyntax === RLE_LOSSLESS && bits === 8;
  if (!readable || frames.length !== numberOf(dataset, 'NumberOfFrames')) {
    throw refuse(
      'UNSUPPORTED_SEGMENTATION',
      `Object ${uid} is compressed in a way that is not read here (${transferSyntax}, ${frames.length} fragments).`,
      'Export it uncompressed, or as an 8-bit label map in RLE Lossless with one fragment a frame.',
      { instance: uid, transferSyntax },
    );
  }
  if (frames.length * area > MOST_PIXELS) {
    throw refuse(
      'UNSUPPORTED_SEGMENTATION',
      `Object ${uid} claims ${frames.length} frames of ${area} pixels, more than can be read.`,
      'The object is damaged or not meant for reading; export the segmentation again.',
      { instance: uid },
    );
  }
  const pixels = new Uint8Array(frames.length * area);
  frames.forEach((frame, index) => {
    try {
      pixels.set(decodeRle(frame, area, 1), index * area);
    } catch (cause) {
      throw refuse(
        'DECODE_FAILED',
        `Frame ${index + 1} of object ${uid} can't be decoded: ${messageOf(cause)}.`,
        'Fetch the object again; if that does not help, it is damaged in the archive.',
        { instance: uid, frame: index + 1 },
        cause,
      );
    }
  });
  return pixels;
}
