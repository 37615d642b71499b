import { crc32, deflateRawSync } from 'node:zlib';

export interface ZipPart {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly deflate?: boolean;
  /** What the directory shall claim instead of the truth. */
  readonly claim?: { readonly size?: number; readonly crc?: number; readonly offset?: number };
  readonly flags?: number;
}

/** Writes a zip file; `zip64` puts all sizes and offsets into the 64-bit fields. */
export function writeZip(parts: readonly ZipPart[], zip64 = false): Uint8Array {
  const chunks: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const part of parts) {
    const name = Buffer.from(part.name);
    const data = part.deflate === true ? deflateRawSync(part.bytes) : Buffer.from(part.bytes);
    const size = part.claim?.size ?? part.bytes.length;
    const compressed = part.deflate === true ? data.length : size;
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(part.deflate === true ? 8 : 0, 8);
    local.writeUInt32LE(part.claim?.crc ?? crc32(part.bytes), 14);
    local.writeUInt32LE(zip64 ? 0xffffffff : compressed, 18);
    local.writeUInt32LE(zip64 ? 0xffffffff : size, 22);
    local.writeUInt16LE(name.length, 26);
    const at = part.claim?.offset ?? offset;
    const extra = Buffer.alloc(zip64 ? 28 : 0);
    if (zip64) {
      extra.writeUInt16LE(1, 0);
      extra.writeUInt16LE(24, 2);
      extra.writeBigUInt64LE(BigInt(size), 4);
      extra.writeBigUInt64LE(BigInt(compressed), 12);
      extra.writeBigUInt64LE(BigInt(at), 20);
    }
    const header = Buffer.alloc(46);
    header.writeUInt32LE(0x02014b50, 0);
    header.writeUInt16LE(part.flags ?? 0, 8);
    header.writeUInt16LE(part.deflate === true ? 8 : 0, 10);
    header.writeUInt32LE(part.claim?.crc ?? crc32(part.bytes), 16);
    header.writeUInt32LE(zip64 ? 0xffffffff : compressed, 20);
    header.writeUInt32LE(zip64 ? 0xffffffff : size, 24);
    header.writeUInt16LE(name.length, 28);
    header.writeUInt16LE(extra.length, 30);
    header.writeUInt32LE(zip64 ? 0xffffffff : at, 42);
    chunks.push(local, name, data);
    central.push(header, name, extra);
    offset += 30 + name.length + data.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(zip64 ? 0xffff : parts.length, 8);
  end.writeUInt16LE(zip64 ? 0xffff : parts.length, 10);
  end.writeUInt32LE(zip64 ? 0xffffffff : directory.length, 12);
  end.writeUInt32LE(zip64 ? 0xffffffff : offset, 16);
  const tail = zip64 ? [end64(parts.length, directory.length, offset), end] : [end];
  return new Uint8Array(Buffer.concat([...chunks, directory, ...tail]));
}

function end64(count: number, size: number, offset: number): Buffer {
  const record = Buffer.alloc(56 + 20);
  record.writeUInt32LE(0x06064b50, 0);
  record.writeBigUInt64LE(BigInt(count), 24);
  record.writeBigUInt64LE(BigInt(count), 32);
  record.writeBigUInt64LE(BigInt(size), 40);
  record.writeBigUInt64LE(BigInt(offset), 48);
  record.writeUInt32LE(0x07064b50, 56);
  record.writeBigUInt64LE(BigInt(offset + size), 64);
  return record;
}
