/**
 * Makes htj2k-KIND.dcm from explicit-KIND.dcm with the encoder of OpenJPH (no other was at hand).
 *
 *     node make-htj2k.mjs
 */
import { readFileSync, writeFileSync } from 'node:fs';

import openjph from '@cornerstonejs/codec-openjph/wasmjs';

const HTJ2K_LOSSLESS = '1.2.840.10008.1.2.4.201';
const codec = await openjph();

for (const [kind, bits, signed] of [
  ['signed16', 16, true],
  ['unsigned12', 12, false],
  ['unsigned8', 8, false],
]) {
  const file = readFileSync(new URL(`explicit-${kind}.dcm`, import.meta.url));
  const pixelTag = file.lastIndexOf(Buffer.from([0xe0, 0x7f, 0x10, 0x00]));
  const { rows, columns } = JSON.parse(readFileSync(new URL('expected.json', import.meta.url)));
  const pixels = file.subarray(pixelTag + 12);
  const encoder = new codec.HTJ2KEncoder();
  const info = { width: columns, height: rows, bitsPerSample: bits, componentCount: 1 };
  encoder
    .getDecodedBuffer({ ...info, isSigned: signed, isUsingColorTransform: false })
    .set(pixels.subarray(0, rows * columns * (bits > 8 ? 2 : 1)));
  encoder.setQuality(true, 0);
  encoder.encode();
  let stream = Buffer.from(encoder.getEncodedBuffer());
  if (stream.length % 2 === 1) stream = Buffer.concat([stream, Buffer.alloc(1)]);
  encoder.delete();
  const header = withTransferSyntax(file.subarray(0, pixelTag), HTJ2K_LOSSLESS);
  writeFileSync(
    new URL(`htj2k-${kind}.dcm`, import.meta.url),
    Buffer.concat([header, encapsulated(stream)]),
  );
}

function withTransferSyntax(header, uid) {
  const at = header.indexOf(Buffer.from([0x02, 0x00, 0x10, 0x00, 0x55, 0x49]));
  const length = header.readUInt16LE(at + 6);
  const value = Buffer.from(uid.padEnd(uid.length + (uid.length % 2), '\0'), 'latin1');
  const changed = Buffer.concat([
    header.subarray(0, at + 8),
    value,
    header.subarray(at + 8 + length),
  ]);
  changed.writeUInt16LE(value.length, at + 6);
  changed.writeUInt32LE(changed.readUInt32LE(140) + value.length - length, 140);
  return changed;
}

function encapsulated(stream) {
  const start = Buffer.from('e07f10004f420000ffffffff' + 'feff00e000000000' + 'feff00e0', 'hex');
  const length = Buffer.alloc(4);
  length.writeUInt32LE(stream.length);
  return Buffer.concat([start, length, stream, Buffer.from('feffdde000000000', 'hex')]);
}
