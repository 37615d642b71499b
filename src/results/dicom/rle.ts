/** Longest run or stretch of plain bytes that one PackBits control byte can announce. */
const LONGEST = 128;
const HEADER = 64;

/**
 * One 8-bit frame as RLE Lossless (PS3.5 Annex G): a 64-byte header that names one segment, every row
 * encoded by itself (G.3.1), padded with 0 to an even length.
 * @param pixels row-major, `rows × columns` bytes.
 */
export function encodeRle(pixels: Uint8Array, rows: number, columns: number): Uint8Array {
  const most = HEADER + rows * (columns + Math.ceil(columns / LONGEST)) + 1;
  const encoded = new Uint8Array(most);
  const header = new DataView(encoded.buffer);
  header.setUint32(0, 1, true);
  header.setUint32(4, HEADER, true);
  let at = HEADER;
  for (let row = 0; row < rows; row += 1) {
    at = packRow(pixels.subarray(row * columns, (row + 1) * columns), encoded, at);
  }
  return encoded.slice(0, at + (at % 2));
}

/** Appends one row in PackBits; runs of two stay plain inside a plain stretch, for they save nothing. */
function packRow(row: Uint8Array, into: Uint8Array, start: number): number {
  let at = start;
  let plain = 0;
  let pixel = 0;
  const flush = (end: number): void => {
    while (plain < end) {
      const count = Math.min(LONGEST, end - plain);
      into[at] = count - 1;
      into.set(row.subarray(plain, plain + count), at + 1);
      at += count + 1;
      plain += count;
    }
  };
  while (pixel < row.length) {
    let end = pixel + 1;
    while (end < row.length && end - pixel < LONGEST && row[end] === row[pixel]) end += 1;
    const run = end - pixel;
    if (run > 2 || (run === 2 && plain === pixel)) {
      flush(pixel);
      into[at] = 257 - run;
      into[at + 1] = row[pixel] ?? 0;
      at += 2;
      plain = end;
    }
    pixel = end;
  }
  flush(row.length);
  return at;
}
