import { refuse } from '../../contracts/index.ts';
import { allowGlobal, build, malformed, persistentStorage, reduce } from './pickle-values.ts';

/**
 * Bounds of one pickle, so that refusing a hostile one takes less than a second and 512 MiB. A six-stage nnU-Net needs some
 * 60,000 opcodes and 1 MB; the log of 2,000 epochs with 117 classes adds 3 million and 11 MB.
 */
export interface PickleLimits {
  readonly maxBytes: number;
  readonly maxOperations: number;
  readonly maxStack: number;
  /** Values that can be recalled. */
  readonly maxMemo: number;
  readonly maxDictionaries: number;
  /** Names that are spelled out; torch spells each once and recalls it. */
  readonly maxGlobals: number;
}

export const PICKLE_LIMITS: PickleLimits = {
  maxBytes: 32 * 2 ** 20,
  maxOperations: 3_000_000,
  maxStack: 500_000,
  maxMemo: 1_000_000,
  maxDictionaries: 100_000,
  maxGlobals: 10_000,
};

/** Values whose numbers leave gaps; Python leaves none. */
const MAX_GAPS = 1000;
/** Python writes whole numbers of 64 bits in nine bytes. */
const MAX_LONG_BYTES = 16;
const MARK = Symbol('mark');

/**
 * Reads a protocol 2 pickle with the opcodes and globals that `torch.save` of an nnU-Net trainer uses
 * (nnunet-inference §5.2) and nothing else. Dictionaries become `Map`, lists and tuples arrays, tensors
 * `TensorRef`. No code of the file is run and no JavaScript object is given a key from it.
 * @throws SitusError `CHECKPOINT_UNSAFE_GLOBAL`, `CHECKPOINT_UNSAFE_OPCODE`, `CHECKPOINT_MALFORMED`, `CHECKPOINT_TOO_LARGE`.
 */
export function unpickle(bytes: Uint8Array, limits: PickleLimits = PICKLE_LIMITS): unknown {
  if (bytes.length > limits.maxBytes) throw tooLarge(`it has ${bytes.length} bytes`);
  return new Unpickler(bytes, limits).run();
}

class Unpickler {
  private readonly bytes: Buffer;
  private readonly view: DataView;
  private readonly limits: PickleLimits;
  private readonly stack: unknown[] = [];
  private readonly memo: Memo;
  private position = 0;
  private dictionaries = 0;
  private globals = 0;

  constructor(bytes: Uint8Array, limits: PickleLimits) {
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.limits = limits;
    this.memo = new Memo(limits.maxMemo);
  }

  run(): unknown {
    for (let operations = 0; operations < this.limits.maxOperations; operations += 1) {
      const at = this.position;
      const opcode = this.view.getUint8(this.take(1));
      if (opcode === 0x2e) {
        const result = this.pop();
        if (this.stack.length !== 0) throw malformed('values are left over at its end');
        return result;
      }
      this.execute(opcode, at);
      if (this.stack.length > this.limits.maxStack) throw tooLarge('its stack grows without bound');
    }
    throw tooLarge('it has too many operations');
  }

  /** Opcodes by their byte in Python's `pickletools`. */
  private execute(opcode: number, at: number): void {
    if (this.executeLiteral(opcode)) return;
    switch (opcode) {
      case 0x80: // PROTO
        if (this.view.getUint8(this.take(1)) !== 2) throw malformed('another protocol than 2');
        return;
      case 0x7d: // EMPTY_DICT
        this.dictionaries += 1;
        if (this.dictionaries > this.limits.maxDictionaries)
          throw tooLarge('too many dictionaries');
        this.stack.push(new Map());
        return;
      case 0x5d: // EMPTY_LIST
      case 0x29: // EMPTY_TUPLE
        this.stack.push([]);
        return;
      case 0x28: // MARK
        this.stack.push(MARK);
        return;
      case 0x71: // BINPUT
        this.memo.set(this.view.getUint8(this.take(1)), this.top());
        return;
      case 0x72: // LONG_BINPUT
        this.memo.set(this.view.getUint32(this.take(4), true), this.top());
        return;
      case 0x68: // BINGET
        this.recall(this.view.getUint8(this.take(1)));
        return;
      case 0x6a: // LONG_BINGET
        this.recall(this.view.getUint32(this.take(4), true));
        return;
      case 0x63: // GLOBAL
        this.globals += 1;
        if (this.globals > this.limits.maxGlobals) throw tooLarge('too many names of classes');
        this.stack.push(allowGlobal(this.line(), this.line()));
        return;
      case 0x52: {
        // REDUCE
        const args = this.pop();
        this.stack.push(reduce(this.pop(), args));
        return;
      }
      case 0x62: // BUILD
        this.pop();
        build(this.top());
        return;
      case 0x51: // BINPERSID
        this.stack.push(persistentStorage(this.pop()));
        return;
      case 0x74: // TUPLE
        this.stack.push(this.popToMark());
        return;
      case 0x85: // TUPLE1
      case 0x86: // TUPLE2
      case 0x87: // TUPLE3
        this.stack.push(this.popMany(opcode - 0x84));
        return;
      case 0x61: {
        // APPEND
        const item = this.pop();
        this.list().push(item);
        return;
      }
      case 0x65: {
        // APPENDS
        const items = this.popToMark();
        const list = this.list();
        for (const item of items) list.push(item);
        return;
      }
      case 0x73: // SETITEM
        this.setItems(this.popMany(2));
        return;
      case 0x75: // SETITEMS
        this.setItems(this.popToMark());
        return;
      default:
        throw refuse(
          'CHECKPOINT_UNSAFE_OPCODE',
          `The checkpoint's data.pkl holds the instruction 0x${opcode.toString(16)} at byte ${at}, which torch does not write.`,
          'Do not use this file; get the checkpoint from its authors again.',
          { opcode, at },
        );
    }
  }

  private executeLiteral(opcode: number): boolean {
    switch (opcode) {
      case 0x4e: // NONE
        this.stack.push(null);
        return true;
      case 0x88: // NEWTRUE
        this.stack.push(true);
        return true;
      case 0x89: // NEWFALSE
        this.stack.push(false);
        return true;
      case 0x4a: // BININT
        this.stack.push(this.view.getInt32(this.take(4), true));
        return true;
      case 0x4b: // BININT1
        this.stack.push(this.view.getUint8(this.take(1)));
        return true;
      case 0x4d: // BININT2
        this.stack.push(this.view.getUint16(this.take(2), true));
        return true;
      case 0x8a: // LONG1
        this.stack.push(this.long(this.view.getUint8(this.take(1))));
        return true;
      case 0x47: // BINFLOAT
        this.stack.push(this.view.getFloat64(this.take(8), false));
        return true;
      case 0x58: {
        // BINUNICODE
        const length = this.view.getUint32(this.take(4), true);
        const start = this.take(length);
        this.stack.push(this.text(start, start + length));
        return true;
      }
      default:
        return false;
    }
  }

  /** Little-endian two's complement of `length` bytes; a bigint where a number is not exact. */
  private long(length: number): number | bigint {
    if (length > MAX_LONG_BYTES) throw malformed(`a whole number of ${length} bytes`);
    const start = this.take(length);
    let value = 0n;
    for (let i = length - 1; i >= 0; i -= 1) {
      value = (value << 8n) | BigInt(this.bytes[start + i] ?? 0);
    }
    if (length > 0) value = BigInt.asIntN(8 * length, value);
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value;
  }

  private take(length: number): number {
    const start = this.position;
    if (start + length > this.bytes.length) throw malformed('it ends too early');
    this.position = start + length;
    return start;
  }

  private line(): string {
    const end = this.bytes.indexOf(0x0a, this.position);
    if (end < 0 || end - this.position > 1000) throw malformed('a name without an end');
    const text = this.text(this.position, end);
    this.position = end + 1;
    return text;
  }

  private text(start: number, end: number): string {
    return this.bytes.toString('utf8', start, end);
  }

  private pop(): unknown {
    const value = this.top();
    this.stack.pop();
    return value;
  }

  private top(): unknown {
    const value = this.stack.at(-1);
    if (this.stack.length === 0 || value === MARK) throw malformed('a value is missing');
    return value;
  }

  private popMany(count: number): unknown[] {
    const values: unknown[] = [];
    for (let i = 0; i < count; i += 1) values.unshift(this.pop());
    return values;
  }

  private popToMark(): unknown[] {
    const mark = this.stack.lastIndexOf(MARK);
    if (mark < 0) throw malformed('a mark is missing');
    const values = this.stack.splice(mark);
    values.shift();
    return values;
  }

  private recall(index: number): void {
    if (!this.memo.has(index)) throw malformed('a reference to nothing');
    this.stack.push(this.memo.get(index));
  }

  private list(): unknown[] {
    const list = this.top();
    if (!Array.isArray(list)) throw malformed('items for something that is no list');
    return list as unknown[];
  }

  private setItems(items: readonly unknown[]): void {
    const target = this.top();
    if (!(target instanceof Map) || items.length % 2 !== 0) {
      throw malformed('items for something that is no dictionary');
    }
    for (let i = 0; i < items.length; i += 2) {
      const key = items[i];
      if (typeof key !== 'string' && typeof key !== 'number') throw malformed('a dictionary key');
      target.set(key, items[i + 1]);
    }
  }
}

/** Values by number. Python numbers them from 0 without gaps, which an array holds at a tenth of a map's cost. */
class Memo {
  private readonly limit: number;
  private readonly dense: unknown[] = [];
  private readonly others = new Map<number, unknown>();

  constructor(limit: number) {
    this.limit = limit;
  }

  has(index: number): boolean {
    return index < this.dense.length || this.others.has(index);
  }

  get(index: number): unknown {
    return index < this.dense.length ? this.dense[index] : this.others.get(index);
  }

  set(index: number, value: unknown): void {
    if (index < this.dense.length) this.dense[index] = value;
    else if (index === this.dense.length) this.dense.push(value);
    else this.others.set(index, value);
    if (this.dense.length > this.limit || this.others.size > MAX_GAPS) {
      throw tooLarge('too many values to recall');
    }
  }
}

function tooLarge(what: string): Error {
  return refuse(
    'CHECKPOINT_TOO_LARGE',
    `The checkpoint's data.pkl is refused: ${what}.`,
    'Check where the file comes from; a checkpoint of nnU-Net is far smaller.',
  );
}
