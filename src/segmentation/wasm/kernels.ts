import { assemble } from './assembler.ts';
import { BLEND_KERNELS } from './blend-kernels.ts';
import { LABEL_KERNELS } from './label-kernels.ts';
import { SPLINE_KERNELS } from './spline-kernels.ts';

type Call = (...parameters: readonly number[]) => number;

/** The kernels over one memory; what they do and which parameters they take is written at their definitions. */
export interface Kernels {
  readonly accumulate: Call;
  readonly divide: Call;
  readonly addHalves: Call;
  readonly scan: Call;
  readonly summarise: Call;
  readonly decide: Call;
  readonly bounds: Call;
  readonly prefilter: Call;
  readonly interpolate2: Call;
  readonly interpolate4: Call;
  readonly transpose: Call;
}

const PAGE = 65_536;
/** A memory has addresses of 32 bits. */
export const LARGEST_MEMORY = PAGE * 65_535;
/** Arrays start at multiples of a cache line, and kernels may touch one more at their ends. */
const LINE = 64;

const ALL = [...BLEND_KERNELS, ...LABEL_KERNELS, ...SPLINE_KERNELS];
let compiled: WebAssembly.Module | null = null;

/** Linear memory with the kernels that work on it; arrays are placed one after the other and stay where they are. */
export class KernelMemory {
  readonly buffer: ArrayBuffer;
  readonly kernels: Kernels;
  private next = LINE;

  /**
   * @param bytes for all arrays together, by `spaceFor`
   * @throws RangeError when there is not so much memory
   */
  constructor(bytes: number) {
    const pages = Math.ceil((bytes + LINE) / PAGE);
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
    compiled ??= new WebAssembly.Module(assemble(ALL));
    const instance = new WebAssembly.Instance(compiled, { env: { memory } });
    this.kernels = instance.exports as unknown as Kernels;
    this.buffer = memory.buffer;
  }

  /** Address of so many new bytes, all 0. */
  place(bytes: number): number {
    const address = this.next;
    this.next += spaceFor(bytes);
    if (this.next > this.buffer.byteLength) throw new RangeError('The kernels’ memory is full.');
    return address;
  }

  bytes(address: number, length: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.buffer, address, length);
  }

  integers(address: number, length: number): Int16Array<ArrayBuffer> {
    return new Int16Array(this.buffer, address, length);
  }

  halves(address: number, length: number): Float16Array<ArrayBuffer> {
    return new Float16Array(this.buffer, address, length);
  }

  doubles(address: number, length: number): Float64Array<ArrayBuffer> {
    return new Float64Array(this.buffer, address, length);
  }

  floats(address: number, length: number): Float32Array<ArrayBuffer> {
    return new Float32Array(this.buffer, address, length);
  }
}

/** What an array of so many bytes takes in a memory. */
export function spaceFor(bytes: number): number {
  return (Math.ceil(bytes / LINE) + 1) * LINE;
}
