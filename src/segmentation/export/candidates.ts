import type { LogitRow, RowLayout } from './logit-row.ts';
import { TILE, tileColumns } from './logit-row.ts';

/** Logits this close, relative to their size, may round to the same half after interpolation. */
const RELATIVE_GAP = 2 ** -10;
const ABSOLUTE_GAP = 2 ** -24;

/**
 * The channels that can win anywhere in a tile of cells between two rows (nnunet-inference §7.2 item 5). Let L be the
 * largest of all channels' least logits in the tile: its channel is interpolated to L or more everywhere, so a channel whose
 * largest logit lies below L by more than rounding to binary16 can level never wins. Made for tiles that are asked for.
 */
export class Candidates {
  private readonly layout: RowLayout;
  private readonly rows: [LogitRow, LogitRow];
  /** [tile, rank] channels in rising order; `counts` −1 where not yet known. */
  private readonly channels: Uint8Array;
  private readonly counts: Int16Array;
  private readonly least: Int16Array;
  private readonly most: Int16Array;

  constructor(layout: RowLayout, first: LogitRow, second: LogitRow) {
    const tiles = Math.ceil(layout.rows / TILE) * tileColumns(layout);
    this.layout = layout;
    this.rows = [first, second];
    this.channels = new Uint8Array(tiles * layout.heads);
    this.counts = new Int16Array(tiles);
    this.least = new Int16Array(layout.heads);
    this.most = new Int16Array(layout.heads);
  }

  /** Forgets everything: the cells now lie between these rows. */
  restart(first: LogitRow, second: LogitRow): void {
    this.rows[0] = first;
    this.rows[1] = second;
    this.counts.fill(-1);
  }

  /** The channels of the tile that holds the cell; valid until another tile's are asked for. */
  at(y: number, x: number): Uint8Array {
    const tile = Math.floor(y / TILE) * tileColumns(this.layout) + Math.floor(x / TILE);
    const start = tile * this.layout.heads;
    const known = this.counts[tile] ?? -1;
    const count = known < 0 ? this.find(tile, start) : known;
    return this.channels.subarray(start, start + count);
  }

  private find(tile: number, start: number): number {
    const { least, most } = this;
    const [first, second] = this.rows;
    least.fill(0x7fff);
    most.fill(-0x8000);
    first.widenBounds(tile, least, most);
    if (second !== first) second.widenBounds(tile, least, most);
    const threshold = lowestThatMatters(least, most);
    let count = 0;
    for (let channel = 0; channel < most.length; channel += 1) {
      if ((most[channel] ?? 0) < threshold) continue;
      this.channels[start + count] = channel;
      count += 1;
    }
    this.counts[tile] = count;
    return count;
  }
}

/** The ordered integer below which a channel's largest logit must lie for the channel to be left out. */
function lowestThatMatters(least: Int16Array, most: Int16Array): number {
  let leader = 0;
  for (let channel = 1; channel < least.length; channel += 1) {
    if ((least[channel] ?? 0) > (least[leader] ?? 0)) leader = channel;
  }
  const low = valueOf(least[leader] ?? 0);
  const size = Math.max(Math.abs(low), Math.abs(valueOf(most[leader] ?? 0)));
  return orderOf(low - (RELATIVE_GAP * size + ABSOLUTE_GAP)) - 1;
}

const half = new Float16Array(1);
const bits = new Int16Array(half.buffer);

/** The half with the ordered integer. */
function valueOf(ordered: number): number {
  bits[0] = ordered < 0 ? 0x8000 | -ordered : ordered;
  return half[0] ?? 0;
}

/** The ordered integer of the nearest half. */
function orderOf(value: number): number {
  half[0] = value;
  const pattern = bits[0] ?? 0;
  return pattern < 0 ? -(pattern & 0x7fff) : pattern;
}
