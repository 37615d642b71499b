import { BELOW_ALL, CHANNELS_PER_SCAN } from '../wasm/label-kernels.ts';
import type { KernelMemory } from '../wasm/kernels.ts';
import { spaceFor } from '../wasm/kernels.ts';

const HALF_BYTES = 2;
/** Voxels whose search for the largest channel stays in the first cache. */
const BLOCK = 2048;
/** Side of the tiles that share their candidates, in samples. */
export const TILE_BITS = 3;
const TILE = 2 ** TILE_BITS;

/** What a row needs to know of its fellows: shape, and where samples of a cell lie beside its own place. */
export interface RowLayout {
  readonly heads: number;
  /** Samples along axes 1 and 2. */
  readonly rows: number;
  readonly columns: number;
  /** Samples from a cell's first to its second sample along axes 1 and 2; 0 where samples are copied. */
  readonly down: number;
  readonly right: number;
}

export const tileColumns = ({ columns }: RowLayout): number => Math.ceil(columns / TILE);
export const tileCount = (layout: RowLayout): number =>
  Math.ceil(layout.rows / TILE) * tileColumns(layout);
/** Bytes from one of the three summaries to the next. */
export const summaryStride = ({ rows, columns }: RowLayout): number => spaceFor(rows * columns);

/** Bytes that a row takes in the kernels' memory, search included. */
export function logitRowBytes(layout: RowLayout): number {
  const halves = layout.heads * layout.rows * layout.columns * HALF_BYTES;
  const bounds = tileCount(layout) * layout.heads * 2;
  return (
    spaceFor(halves) + spaceFor(3 * summaryStride(layout)) + 2 * spaceFor(bounds) + searchBytes()
  );
}

const searchBytes = (): number => 3 * spaceFor(BLOCK * 2);

/** A row of logits in the kernels' memory, with the summary that decides most labels (`summarise` of the label kernels). */
export class LogitRow {
  /** Bits of the halves [channels, y, x]. */
  readonly bits: Uint16Array<ArrayBuffer>;
  /** Address of the winners, [y, x] bytes; reaches and sizes follow at `summaryStride`. */
  readonly summary: number;
  readonly winners: Uint8Array<ArrayBuffer>;
  private readonly halves: Float16Array;
  private readonly layout: RowLayout;
  private readonly memory: KernelMemory;
  private readonly logits: number;
  private readonly minimaAddress: number;
  private readonly maximaAddress: number;
  /** [tile, channel] ordered integers, where `known` of the tile is 1. */
  private readonly minima: Int16Array;
  private readonly maxima: Int16Array;
  private readonly known: Uint8Array;
  private readonly search: Search;

  constructor(layout: RowLayout, memory: KernelMemory) {
    const plane = layout.rows * layout.columns;
    const tiles = tileCount(layout);
    this.layout = layout;
    this.memory = memory;
    this.logits = memory.place(layout.heads * plane * HALF_BYTES);
    this.halves = memory.halves(this.logits, layout.heads * plane);
    this.bits = new Uint16Array(memory.buffer, this.logits, this.halves.length);
    this.summary = memory.place(3 * summaryStride(layout));
    this.winners = memory.bytes(this.summary, plane);
    this.minimaAddress = memory.place(tiles * layout.heads * 2);
    this.maximaAddress = memory.place(tiles * layout.heads * 2);
    this.minima = memory.integers(this.minimaAddress, tiles * layout.heads);
    this.maxima = memory.integers(this.maximaAddress, tiles * layout.heads);
    this.known = new Uint8Array(tiles);
    this.search = new Search(memory);
  }

  load(logits: Float16Array<ArrayBuffer>): void {
    this.halves.set(logits);
    this.known.fill(0);
    const { heads, rows, columns } = this.layout;
    const plane = rows * columns;
    const stride = summaryStride(this.layout);
    for (let start = 0; start < plane; start += BLOCK) {
      const count = Math.min(BLOCK, plane - start);
      this.search.run(this.logits + start * HALF_BYTES, heads, plane * HALF_BYTES, count);
      this.search.summarise(this.summary + start, stride, count);
    }
  }

  /**
   * Widens each channel's least and largest ordered integer by those of the samples around the cells of a tile.
   */
  widenBounds(tile: number, least: Int16Array, most: Int16Array): void {
    const { heads } = this.layout;
    if (this.known[tile] === 0) this.findBounds(tile);
    const start = tile * heads;
    for (let channel = 0; channel < heads; channel += 1) {
      const low = this.minima[start + channel] ?? 0;
      const high = this.maxima[start + channel] ?? 0;
      if (low < (least[channel] ?? 0)) least[channel] = low;
      if (high > (most[channel] ?? 0)) most[channel] = high;
    }
  }

  /** Near the right border samples of the next line are seen too: bounds may be wider than need be. */
  private findBounds(tile: number): void {
    const { heads, rows, columns, down, right } = this.layout;
    const y = TILE * Math.floor(tile / tileColumns(this.layout));
    const x = TILE * (tile % tileColumns(this.layout));
    this.memory.kernels.bounds(
      this.logits + (y * columns + x) * HALF_BYTES,
      rows * columns * HALF_BYTES,
      heads,
      columns * HALF_BYTES,
      Math.min(TILE + (down === 0 ? 0 : 1), rows - y),
      right * HALF_BYTES,
      this.minimaAddress + tile * heads * 2,
      this.maximaAddress + tile * heads * 2,
    );
    this.known[tile] = 1;
  }
}

/** Finds the largest channel of some voxels, and the largest before it. */
class Search {
  private readonly memory: KernelMemory;
  private readonly best: number;
  private readonly lower: number;
  private readonly winner: number;
  private readonly views: readonly Int16Array[];

  constructor(memory: KernelMemory) {
    this.memory = memory;
    this.best = memory.place(BLOCK * 2);
    this.lower = memory.place(BLOCK * 2);
    this.winner = memory.place(BLOCK * 2);
    this.views = [this.best, this.lower, this.winner].map((at) => memory.integers(at, BLOCK));
  }

  run(logits: number, heads: number, stride: number, count: number): void {
    const { best, lower, winner } = this;
    const [bestView, lowerView, winnerView] = this.views;
    bestView?.fill(BELOW_ALL);
    lowerView?.fill(BELOW_ALL);
    winnerView?.fill(0);
    const last = logits + (heads - 1) * stride;
    for (let channel = 0; channel < heads; channel += CHANNELS_PER_SCAN) {
      const first = logits + channel * stride;
      this.memory.kernels.scan(first, stride, last, channel, best, lower, winner, 2 * count);
    }
  }

  summarise(target: number, stride: number, count: number): void {
    const { best, lower, winner } = this;
    const [labels, reaches, sizes] = [target, target + stride, target + 2 * stride];
    this.memory.kernels.summarise(best, lower, winner, labels, reaches, sizes, count);
  }
}
