/** The part of OpenJPEG's encoder that tests use; the package brings no types of its own. */
declare module '@cornerstonejs/codec-openjpeg' {
  export default function load(): Promise<{
    readonly J2KEncoder: new () => EmscriptenFrameEncoder;
  }>;
}
