import { messageOf } from '../../contracts/index.ts';

type DecoderName = 'JpegLSDecoder' | 'JPEGDecoder' | 'J2KDecoder' | 'HTJ2KDecoder';

const LOADERS: Readonly<Record<DecoderName, () => Promise<{ default: EmscriptenFactory }>>> = {
  JpegLSDecoder: () => import('@cornerstonejs/codec-charls/decodewasmjs'),
  JPEGDecoder: () => import('@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasmjs'),
  J2KDecoder: () => import('@cornerstonejs/codec-openjpeg/decodewasmjs'),
  HTJ2KDecoder: () => import('@cornerstonejs/codec-openjph/wasmjs'),
};

const loaded = new Map<DecoderName, Promise<EmscriptenCodec>>();

/** Samples as a codec returns them. */
export interface DecodedSamples {
  /** Little endian, one component. */
  readonly bytes: Uint8Array;
  readonly bits: number;
  readonly signed: boolean;
  readonly rows: number;
  readonly columns: number;
}

/**
 * Decodes one frame with a WebAssembly codec, which is loaded the first time it is needed.
 *
 * @throws Error with the codec's own words. A codec that failed is loaded anew for the next frame,
 *   since a WebAssembly module that aborted answers nothing any more.
 */
export async function decodeWith(name: DecoderName, encoded: Uint8Array): Promise<DecodedSamples> {
  const codec = await load(name);
  const decoder = new codec[name]();
  try {
    decoder.getEncodedBuffer(encoded.length).set(encoded);
    decoder.decode();
    const info = decoder.getFrameInfo();
    if (info.componentCount !== 1) throw new Error(`${info.componentCount} colour components`);
    return {
      bytes: decoder.getDecodedBuffer().slice(),
      bits: info.bitsPerSample,
      signed: info.isSigned ?? false,
      rows: info.height,
      columns: info.width,
    };
  } catch (error) {
    loaded.delete(name);
    throw new Error(wordsOf(codec, error), { cause: error });
  } finally {
    decoder.delete();
  }
}

function load(name: DecoderName): Promise<EmscriptenCodec> {
  let codec = loaded.get(name);
  if (codec === undefined) {
    codec = LOADERS[name]().then(({ default: factory }) =>
      factory({ print: quiet, printErr: quiet }),
    );
    loaded.set(name, codec);
  }
  return codec;
}

/** What codecs print goes with their exceptions; nothing of it belongs on the console of a service. */
function quiet(): void {}

/** C++ exceptions arrive as pointers. */
function wordsOf(codec: EmscriptenCodec, error: unknown): string {
  if (typeof error !== 'number') return messageOf(error);
  const words = codec.getExceptionMessage?.(error);
  return Array.isArray(words) ? words.join(' ') : 'the codec gave up';
}
