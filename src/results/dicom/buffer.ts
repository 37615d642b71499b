import { NUMBER_RULES } from './values.ts';

const utf8 = new TextEncoder();

/** A growing little-endian byte buffer. */
export class ByteBuffer {
  length = 0;
  private bytes = new Uint8Array(65_536);
  private view = new DataView(this.bytes.buffer);

  /** Makes room for `count` bytes and returns where they start. */
  private claim(count: number): number {
    const start = this.length;
    this.length = start + count;
    if (this.length > this.bytes.length) {
      const grown = new Uint8Array(Math.max(this.length, this.bytes.length * 2));
      grown.set(this.bytes);
      this.bytes = grown;
      this.view = new DataView(grown.buffer);
    }
    return start;
  }

  uint16(value: number): void {
    const at = this.claim(2);
    this.view.setUint16(at, value, true);
  }

  uint32(value: number): void {
    const at = this.claim(4);
    this.view.setUint32(at, value, true);
  }

  setUint16(at: number, value: number): void {
    this.view.setUint16(at, value, true);
  }

  setUint32(at: number, value: number): void {
    this.view.setUint32(at, value, true);
  }

  /** One number of a binary VR; the caller has checked its range. */
  number(vr: string, value: number): void {
    const at = this.claim(NUMBER_RULES[vr]?.bytes ?? 4);
    if (vr === 'US') this.view.setUint16(at, value, true);
    else if (vr === 'SS') this.view.setInt16(at, value, true);
    else if (vr === 'SL') this.view.setInt32(at, value, true);
    else if (vr === 'FL') this.view.setFloat32(at, value, true);
    else if (vr === 'FD') this.view.setFloat64(at, value, true);
    else this.view.setUint32(at, value, true);
  }

  raw(bytes: Uint8Array): void {
    const at = this.claim(bytes.length);
    this.bytes.set(bytes, at);
  }

  /** Text as UTF-8. */
  text(text: string): void {
    const at = this.claim(text.length);
    for (let index = 0; index < text.length; index += 1) {
      const code = text.charCodeAt(index);
      if (code > 0x7f) {
        this.length = at;
        this.raw(utf8.encode(text));
        return;
      }
      this.bytes[at + index] = code;
    }
  }

  byte(value: number): void {
    const at = this.claim(1);
    this.bytes[at] = value;
  }

  /** The bytes written so far, without a copy. */
  view8(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }
}
