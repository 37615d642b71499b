import { createRequire } from 'node:module';

import type { DecodedSamples } from './emscripten.ts';

const WASM = createRequire(import.meta.url).resolve('dcmjs-codecs/build/dcmjs-native-codecs.wasm');

/** Started the first time it is needed; null before that and after a failure. */
let ready: ReturnType<typeof start> | null = null;

/**
 * Decodes a JPEG frame of 12 bits (ITU-T T.81, extended sequential DCT) with the libjpeg-turbo inside
 * dcmjs-codecs: bit for bit what DCMTK decodes. The other JPEG decoder is built for 8 bits only.
 *
 * @param size what the header of the stream says; the caller has compared it with the data set.
 * @throws Error with the codec's own words, and for a stream without an end marker, of which libjpeg
 *   would make grey rows. A codec that failed is started anew for the next frame.
 */
export async function decodeTwelveBitJpeg(
  encoded: Uint8Array,
  size: { readonly rows: number; readonly columns: number },
): Promise<DecodedSamples> {
  if (!hasEnd(encoded)) throw new Error('the stream ends too early');
  ready ??= start();
  try {
    const { Context, NativeCodecs } = await ready;
    const context = new Context();
    context.setWidth(size.columns);
    context.setHeight(size.rows);
    context.setBitsAllocated(16);
    context.setBitsStored(12);
    context.setSamplesPerPixel(1);
    context.setPixelRepresentation(0);
    context.setPlanarConfiguration(0);
    context.setPhotometricInterpretation('MONOCHROME2');
    context.setEncodedBuffer(encoded);
    const decoded = NativeCodecs.decodeJpeg(context).getDecodedBuffer();
    const expected = size.rows * size.columns * 2;
    if (decoded?.length !== expected) {
      throw new Error(`the decoder returned ${decoded?.length ?? 0} bytes instead of ${expected}`);
    }
    return {
      bytes: decoded.slice(),
      bits: 12,
      signed: false,
      rows: size.rows,
      columns: size.columns,
    };
  } catch (error) {
    ready = null;
    throw error;
  }
}

async function start() {
  const { default: codecs } = await import('dcmjs-codecs');
  await codecs.NativeCodecs.initializeAsync({ webAssemblyModulePathOrUrl: WASM });
  return codecs;
}

/** End of image (EOI), maybe with the pad byte of a fragment of even length behind it. */
function hasEnd(bytes: Uint8Array): boolean {
  const end = bytes.at(-1) === 0 ? bytes.length - 1 : bytes.length;
  return bytes[end - 2] === 0xff && bytes[end - 1] === 0xd9;
}
