import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { refuse } from '../../contracts/index.ts';

/** Random access to bytes that may lie in memory or in a file of several gigabytes. */
export interface ByteSource {
  /** Name for messages; never a whole path. */
  readonly name: string;
  readonly size: number;
  /** A copy of `length` bytes from `offset`; refused with `ZIP_TRUNCATED` when they are not all there. */
  read(offset: number, length: number): Uint8Array<ArrayBuffer>;
  close(): void;
}

export function memorySource(name: string, bytes: Uint8Array): ByteSource {
  return {
    name,
    size: bytes.byteLength,
    read(offset, length) {
      requireRange(name, bytes.byteLength, offset, length);
      const copy = new Uint8Array(length);
      copy.set(bytes.subarray(offset, offset + length));
      return copy;
    },
    close: () => undefined,
  };
}

export function fileSource(name: string, path: string): ByteSource {
  const descriptor = openSync(path, 'r');
  const { size } = fstatSync(descriptor);
  return {
    name,
    size,
    read(offset, length) {
      requireRange(name, size, offset, length);
      const bytes = new Uint8Array(length);
      let done = 0;
      while (done < length) {
        const got = readSync(descriptor, bytes, done, length - done, offset + done);
        if (got === 0) throw truncated(name, size, offset, length);
        done += got;
      }
      return bytes;
    },
    close: () => {
      closeSync(descriptor);
    },
  };
}

function requireRange(name: string, size: number, offset: number, length: number): void {
  const valid = Number.isSafeInteger(offset) && Number.isSafeInteger(length);
  if (!valid || offset < 0 || length < 0 || offset + length > size) {
    throw truncated(name, size, offset, length);
  }
}

function truncated(name: string, size: number, offset: number, length: number): Error {
  return refuse(
    'ZIP_TRUNCATED',
    `${name} ends too early: ${length} bytes at ${offset} are needed, the file has ${size} bytes.`,
    'Copy or download the file again; it is incomplete or damaged.',
    { file: name, size, offset, length },
  );
}
