import loadOpenJpeg from '@cornerstonejs/codec-openjpeg';
import { data } from 'dcmjs';
import { rawValue } from './dicom-objects.ts';

/** JPEG 2000 Image Compression (Lossless Only). */
const JPEG_2000_LOSSLESS = '1.2.840.10008.1.2.4.90';

/** The same 16-bit single-frame instance with its pixels as JPEG 2000, lossless, made by OpenJPEG. */
export async function asJpeg2000(file: Uint8Array): Promise<Uint8Array> {
  const { J2KEncoder } = await loadOpenJpeg();
  const part10 = data.DicomMessage.readFile(file.slice().buffer);
  const { dict, meta } = part10;
  const encoder = new J2KEncoder();
  try {
    const pixels = new Uint8Array(rawValue(dict, '7FE00010') as ArrayBuffer);
    const buffer = encoder.getDecodedBuffer({
      width: Number(rawValue(dict, '00280011')),
      height: Number(rawValue(dict, '00280010')),
      bitsPerSample: 16,
      componentCount: 1,
      isSigned: Number(rawValue(dict, '00280103')) === 1,
      isUsingColorTransform: false,
    });
    buffer.set(pixels.subarray(0, buffer.length));
    encoder.setQuality(true, 0);
    encoder.encode();
    const encoded = encoder.getEncodedBuffer().slice();
    const even = new Uint8Array(encoded.length + (encoded.length % 2));
    even.set(encoded);
    dict['7FE00010'] = { vr: 'OB', Value: [even.buffer] };
    meta['00020010'] = { vr: 'UI', Value: [JPEG_2000_LOSSLESS] };
    return new Uint8Array(part10.write({ allowInvalidVRLength: true, fragmentMultiframe: false }));
  } finally {
    encoder.delete();
  }
}
