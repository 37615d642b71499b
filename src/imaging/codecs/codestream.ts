/** What the header of a compressed frame promises; read before a decoder may allocate memory for it. */
export interface CodestreamInfo {
  readonly columns: number;
  readonly rows: number;
  readonly bits: number;
  readonly components: number;
  readonly signed: boolean;
}

const START_OF_FRAME = new Set([
  0xc0, 0xc1, 0xc2, 0xc3, 0xc5, 0xc6, 0xc7, 0xc9, 0xca, 0xcb, 0xcd, 0xce, 0xcf, 0xf7,
]);
const START_OF_SCAN = 0xda;

/** Frame header of a JPEG or JPEG-LS stream (ITU-T T.81 B.2.2, T.87 C.2.2); null when there is none. */
export function jpegInfo(bytes: Uint8Array): CodestreamInfo | null {
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 2;
  while (at + 4 <= bytes.length) {
    if (bytes[at] !== 0xff) return null;
    const marker = bytes[at + 1] ?? 0;
    if (marker === 0xff) {
      at++;
      continue;
    }
    if (marker === START_OF_SCAN) return null;
    if (START_OF_FRAME.has(marker)) {
      if (at + 10 > bytes.length) return null;
      return {
        bits: bytes[at + 4] ?? 0,
        rows: view.getUint16(at + 5),
        columns: view.getUint16(at + 7),
        components: bytes[at + 9] ?? 0,
        signed: false,
      };
    }
    at += 2 + view.getUint16(at + 2);
  }
  return null;
}

/** SIZ marker of a JPEG 2000 codestream (ITU-T T.800 A.5.1), also behind the boxes of a JP2 file. */
export function jpeg2000Info(bytes: Uint8Array): CodestreamInfo | null {
  const at = codestreamStart(bytes);
  if (at < 0 || at + 43 > bytes.length) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const precision = bytes[at + 42] ?? 0;
  return {
    columns: view.getUint32(at + 8) - view.getUint32(at + 16),
    rows: view.getUint32(at + 12) - view.getUint32(at + 20),
    components: view.getUint16(at + 40),
    bits: (precision & 0x7f) + 1,
    signed: precision >= 0x80,
  };
}

/** Offset of SOC followed by SIZ. */
function codestreamStart(bytes: Uint8Array): number {
  for (let at = 0; at + 4 <= Math.min(bytes.length, 4096); at++) {
    if (
      bytes[at] === 0xff &&
      bytes[at + 1] === 0x4f &&
      bytes[at + 2] === 0xff &&
      bytes[at + 3] === 0x51
    ) {
      return at;
    }
  }
  return -1;
}
