/**
 * RLE Lossless (PS3.5 Annex G): a 64-byte header with segment offsets, one PackBits segment for each
 * byte of a sample, most significant first.
 *
 * @returns samples in little endian order, `samples × bytesPerSample` bytes.
 * @throws Error when the segments do not hold exactly that many bytes.
 */
export function decodeRle(
  encoded: Uint8Array,
  samples: number,
  bytesPerSample: number,
): Uint8Array {
  if (encoded.length < 64) throw new Error('the RLE header is cut');
  const header = new DataView(encoded.buffer, encoded.byteOffset, 64);
  const segments = header.getUint32(0, true);
  if (segments !== bytesPerSample) {
    throw new Error(`${segments} RLE segments instead of ${bytesPerSample}`);
  }
  const decoded = new Uint8Array(samples * bytesPerSample);
  for (let segment = 0; segment < segments; segment++) {
    const start = header.getUint32(4 + 4 * segment, true);
    const next = segment + 1 < segments ? header.getUint32(8 + 4 * segment, true) : encoded.length;
    if (start < 64 || next < start || next > encoded.length) {
      throw new Error(`RLE segment ${segment + 1} lies outside the frame`);
    }
    const plane = bytesPerSample - 1 - segment;
    unpack(encoded.subarray(start, next), decoded, plane, bytesPerSample, samples);
  }
  return decoded;
}

/** PackBits: n < 128 copies n + 1 bytes, n > 128 repeats the next byte 257 - n times, 128 does nothing. */
function unpack(
  segment: Uint8Array,
  target: Uint8Array,
  first: number,
  stride: number,
  samples: number,
): void {
  let written = 0;
  let at = 0;
  while (at < segment.length && written < samples) {
    const control = segment[at++] ?? 0;
    if (control === 128) continue;
    const literal = control < 128;
    const count = Math.min(literal ? control + 1 : 257 - control, samples - written);
    if (at + (literal ? count : 1) > segment.length) break;
    for (let i = 0; i < count; i++) {
      target[first + (written + i) * stride] = segment[literal ? at + i : at] ?? 0;
    }
    written += count;
    at += literal ? count : 1;
  }
  if (written < samples) throw new Error(`the RLE data end after ${written} of ${samples} samples`);
}
