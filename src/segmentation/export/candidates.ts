import type { LogitRow, RowLayout } from './logit-row.ts';
import { TILE_BITS, tileColumns, tileCount } from './logit-row.ts';

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
  private readonly tileColumns: number;
  private readonly rows: [LogitRow, LogitRow];
  /** [tile, rank] channels in rising order; `counts` −1 where not yet known. */
  readonly channels: Uint8Array;
  private readonly counts: Int16Array;
  private readonly least: Int16Array;
  private readonly most: Int16Array;

  constructor(layout: RowLayout, first: LogitRow, second: LogitRow) {
    const tiles = tileCount(layout);
    this.layout = layout;
    this.tileColumns = tileColumns(layout);
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

  tileAt(y: number, x: number): number {
    return (y >> TILE_BITS) * this.tileColumns + (x >> TILE_BITS);
  }

  /** Where the tile's channels begin in `channels`. */
  start(tile: number): number {
    return tile * this.layout.heads;
  }

  /** How many channels the tile has. */
  count(tile: number): number {
    const known = this.counts[tile] ?? -1;
    return known < 0 ? this.find(tile) : known;
  }

  private find(tile: number): number {
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
      this.channels[this.start(tile) + count] = channel;
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
