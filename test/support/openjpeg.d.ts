/** The part of OpenJPEG's encoder that tests use; the package brings no types of its own. */
declare module '@cornerstonejs/codec-openjpeg' {
  interface FrameEncoder {
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
  export default function load(): Promise<{ readonly J2KEncoder: new () => FrameEncoder }>;
}
