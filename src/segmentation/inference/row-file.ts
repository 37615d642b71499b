import { randomUUID } from 'node:crypto';
import { closeSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { fault } from '../../contracts/index.ts';

const HALF_BYTES = 2;

/** `readSync` or `writeSync`. */
type Move = (
  file: number,
  bytes: Uint8Array,
  offset: number,
  length: number,
  position: number,
) => number;

/**
 * Rows of halves in a file, so that memory does not grow with the number of rows. The file has no name any more as soon as
 * it is open (where the system allows that), so that nothing is left of it however the process ends.
 */
export class RowFile {
  private readonly path: string;
  private readonly file: number;
  private readonly rowBytes: number;

  /**
   * @param folder must exist
   * @param rowLength numbers of one row
   */
  constructor(folder: string, rowLength: number) {
    this.rowBytes = rowLength * HALF_BYTES;
    this.path = join(folder, `.situs-rows-${randomUUID()}`);
    this.file = openSync(this.path, 'wx+', 0o600);
    if (process.platform !== 'win32') rmSync(this.path);
  }

  /** @throws errors of the file system, `ENOSPC` among them */
  write(index: number, row: Float16Array): void {
    this.whole(index, row, writeSync);
  }

  read(index: number, row: Float16Array): void {
    this.whole(index, row, readSync);
  }

  close(): void {
    closeSync(this.file);
    rmSync(this.path, { force: true });
  }

  /** Systems may move fewer bytes than asked for. */
  private whole(index: number, row: Float16Array, move: Move): void {
    const bytes = new Uint8Array(row.buffer, row.byteOffset, this.rowBytes);
    for (let at = 0; at < bytes.length;) {
      const place = index * this.rowBytes + at;
      const moved = move(this.file, bytes, at, bytes.length - at, place);
      if (moved === 0) throw fault('ROW_FILE_SHORT', `Row ${index} of the folds' sums is missing.`);
      at += moved;
    }
  }
}
