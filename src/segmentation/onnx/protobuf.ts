/**
 * Writer for protocol buffer messages, as far as ONNX needs them. Fields are appended in the order of the
 * calls; the bytes of large tensors are kept by reference until `concat`.
 */
export class Message {
  private readonly chunks: Uint8Array[] = [];
  private length = 0;

  get size(): number {
    return this.length;
  }

  /** int32, int64 and enum fields; negative values take ten bytes as the format requires. */
  integer(field: number, value: number | bigint): this {
    this.key(field, 0);
    this.varint(BigInt.asUintN(64, BigInt(value)));
    return this;
  }

  float(field: number, value: number): this {
    this.key(field, 5);
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setFloat32(0, value, true);
    this.push(bytes);
    return this;
  }

  string(field: number, value: string): this {
    return this.bytes(field, new TextEncoder().encode(value));
  }

  bytes(field: number, value: Uint8Array): this {
    this.key(field, 2);
    this.varint(BigInt(value.byteLength));
    this.push(value);
    return this;
  }

  message(field: number, value: Message): this {
    this.key(field, 2);
    this.varint(BigInt(value.length));
    for (const chunk of value.chunks) this.push(chunk);
    return this;
  }

  /** Repeated integers in one packed field. */
  packed(field: number, values: readonly number[]): this {
    const body = new Message();
    for (const value of values) body.varint(BigInt.asUintN(64, BigInt(value)));
    return this.message(field, body);
  }

  concat(): Uint8Array<ArrayBuffer> {
    const all = new Uint8Array(this.length);
    let at = 0;
    for (const chunk of this.chunks) {
      all.set(chunk, at);
      at += chunk.byteLength;
    }
    return all;
  }

  private key(field: number, wireType: number): void {
    this.varint(BigInt(field * 8 + wireType));
  }

  private varint(value: bigint): void {
    const bytes: number[] = [];
    let rest = value;
    while (rest > 127n) {
      bytes.push(Number(rest & 127n) | 128);
      rest >>= 7n;
    }
    bytes.push(Number(rest));
    this.push(Uint8Array.from(bytes));
  }

  private push(chunk: Uint8Array): void {
    this.chunks.push(chunk);
    this.length += chunk.byteLength;
  }
}
