import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { fault } from '../../contracts/index.ts';

/** One field of a protocol buffer message: a number, or bytes that lie in the file. */
export interface ProtoField {
  readonly field: number;
  /** Of fields that hold a number. */
  readonly value: bigint;
  /** Where the bytes of fields that hold bytes, text or a message are. */
  readonly offset: number;
  readonly length: number;
}

/** Bytes that are read at once; large tensors are stepped over. */
const WINDOW = 2 ** 16;

/**
 * Reads the fields of protocol buffer messages in a file, without its large contents. Only for files whose hash is known:
 * what is wrong with them is a fault.
 */
export class ProtoReader {
  readonly size: number;
  private readonly descriptor: number;
  private readonly name: string;
  private window = new Uint8Array(0);
  private windowStart = 0;

  /** @param name for messages */
  constructor(path: string, name: string) {
    this.descriptor = openSync(path, 'r');
    this.size = fstatSync(this.descriptor).size;
    this.name = name;
  }

  close(): void {
    closeSync(this.descriptor);
  }

  /** The fields of the message that lies in [start, end). */
  *fields(start: number, end: number): Generator<ProtoField> {
    let at = start;
    const next = (): bigint => {
      const { value, size } = this.varint(at);
      at += size;
      return value;
    };
    while (at < end) {
      const key = Number(next());
      const field = Math.floor(key / 8);
      const wire = key % 8;
      if (wire === 0) yield { field, value: next(), offset: at, length: 0 };
      else {
        const length = wire === 2 ? Number(next()) : wire === 5 ? 4 : wire === 1 ? 8 : -1;
        if (length < 0 || at + length > end) throw this.broken(at);
        yield { field, value: 0n, offset: at, length };
        at += length;
      }
    }
  }

  bytes(offset: number, length: number): Uint8Array<ArrayBuffer> {
    const inWindow = offset - this.windowStart;
    if (inWindow >= 0 && inWindow + length <= this.window.length) {
      return this.window.slice(inWindow, inWindow + length);
    }
    const bytes = new Uint8Array(length);
    let done = 0;
    while (done < length) {
      const got = readSync(this.descriptor, bytes, done, length - done, offset + done);
      if (got === 0) throw this.broken(offset);
      done += got;
    }
    return bytes;
  }

  text({ offset, length }: ProtoField): string {
    return new TextDecoder().decode(this.bytes(offset, length));
  }

  /** Whole numbers of a packed field. */
  packed({ offset, length }: ProtoField): number[] {
    const numbers: number[] = [];
    for (let at = offset; at < offset + length;) {
      const { value, size } = this.varint(at);
      numbers.push(Number(BigInt.asIntN(64, value)));
      at += size;
    }
    return numbers;
  }

  private varint(offset: number): { readonly value: bigint; readonly size: number } {
    let value = 0n;
    for (let size = 0; size < 10; size += 1) {
      const byte = this.byte(offset + size);
      value |= BigInt(byte & 127) << BigInt(7 * size);
      if (byte < 128) return { value, size: size + 1 };
    }
    throw this.broken(offset);
  }

  private byte(offset: number): number {
    const found = this.window[offset - this.windowStart];
    if (found !== undefined) return found;
    if (offset >= this.size) throw this.broken(offset);
    this.windowStart = offset;
    this.window = new Uint8Array(0);
    this.window = this.bytes(offset, Math.min(WINDOW, this.size - offset));
    return this.window[0] ?? 0;
  }

  private broken(offset: number): Error {
    return fault('NETWORK_NOT_LOADED', `The network ${this.name} is broken at byte ${offset}.`);
  }
}
