/** Item and delimiter tags of encapsulated pixel data, and the element itself (PS3.5 A.4), as bytes in the file. */
const PIXEL_DATA = Buffer.from([0xe0, 0x7f, 0x10, 0x00, 0x4f, 0x42, 0, 0, 0xff, 0xff, 0xff, 0xff]);
const ITEM = 0xe000fffe;
const SEQUENCE_DELIMITER = 0xe0ddfffe;
const HEADER = 64;

/**
 * Frames of 8-bit RLE Lossless pixel data, one fragment each, decoded row by row (PS3.5 annex G).
 * @throws Error when fragments are malformed, or a run goes over the end of a row
 */
export function rleFrames(file: Uint8Array, rows: number, columns: number): Uint8Array[] {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  let at = bytes.lastIndexOf(PIXEL_DATA) + PIXEL_DATA.length;
  const fragments: Buffer[] = [];
  while (bytes.readUInt32LE(at) === ITEM) {
    const length = bytes.readUInt32LE(at + 4);
    if (length % 2 === 1) throw new Error(`a fragment has the odd length ${length}`);
    fragments.push(bytes.subarray(at + 8, at + 8 + length));
    at += 8 + length;
  }
  if (bytes.readUInt32LE(at) !== SEQUENCE_DELIMITER) throw new Error('no sequence delimiter');
  return fragments.slice(1).map((fragment) => decodeRows(fragment, rows, columns));
}

function decodeRows(fragment: Buffer, rows: number, columns: number): Uint8Array {
  if (fragment.readUInt32LE(0) !== 1 || fragment.readUInt32LE(4) !== HEADER) {
    throw new Error('an 8-bit frame has one segment right after the header');
  }
  const decoded = new Uint8Array(rows * columns);
  let from = HEADER;
  for (let row = 0; row < rows; row += 1) {
    let filled = 0;
    while (filled < columns) {
      const control = fragment.readInt8(from);
      from += 1;
      if (control === -128) continue;
      const count = control >= 0 ? control + 1 : 1 - control;
      if (filled + count > columns) throw new Error(`a run goes over the end of row ${row}`);
      const start = row * columns + filled;
      if (control >= 0) decoded.set(fragment.subarray(from, from + count), start);
      else decoded.fill(fragment.readUInt8(from), start, start + count);
      from += control >= 0 ? count : 1;
      filled += count;
    }
  }
  if (fragment.length - from > 1) throw new Error('more bytes than rows');
  return decoded;
}
