/** Decoders without types of their own; only what Situs calls. */
interface EmscriptenFrameDecoder {
  getEncodedBuffer(length: number): Uint8Array;
  decode(): void;
  getDecodedBuffer(): Uint8Array;
  getFrameInfo(): {
    readonly width: number;
    readonly height: number;
    readonly bitsPerSample: number;
    readonly componentCount: number;
    readonly isSigned?: boolean;
  };
  delete(): void;
}

/** Tests make streams with it. */
interface EmscriptenFrameEncoder {
  getDecodedBuffer(info: {
    readonly width: number;
    readonly height: number;
    readonly bitsPerSample: number;
    readonly componentCount: number;
    readonly isSigned: boolean;
    readonly isUsingColorTransform: boolean;
  }): Uint8Array;
  setQuality(reversible: boolean, quality: number): void;
  encode(): void;
  getEncodedBuffer(): Uint8Array;
  delete(): void;
}

interface EmscriptenCodec {
  readonly HTJ2KEncoder: new () => EmscriptenFrameEncoder;
  readonly JpegLSDecoder: new () => EmscriptenFrameDecoder;
  readonly JPEGDecoder: new () => EmscriptenFrameDecoder;
  readonly J2KDecoder: new () => EmscriptenFrameDecoder;
  readonly HTJ2KDecoder: new () => EmscriptenFrameDecoder;
  getExceptionMessage?(pointer: number): unknown;
}

type EmscriptenFactory = (options: {
  print: (text: string) => void;
  printErr: (text: string) => void;
}) => Promise<EmscriptenCodec>;

declare module '@cornerstonejs/codec-charls/decodewasmjs' {
  const factory: EmscriptenFactory;
  export default factory;
}
declare module '@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasmjs' {
  const factory: EmscriptenFactory;
  export default factory;
}
declare module '@cornerstonejs/codec-openjpeg/decodewasmjs' {
  const factory: EmscriptenFactory;
  export default factory;
}
declare module '@cornerstonejs/codec-openjph/wasmjs' {
  const factory: EmscriptenFactory;
  export default factory;
}
declare module 'jpeg-lossless-decoder-js' {
  export class Decoder {
    decompress(buffer: ArrayBuffer, offset?: number, length?: number): ArrayBuffer;
  }
}
