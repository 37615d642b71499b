import { describe, expect, it } from '@jest/globals';
import { readdirSync } from 'node:fs';
import { RowFile } from '../../../src/segmentation/inference/row-file.ts';
import { errorCode } from '../support/errors.ts';
import { temporaryFolder } from '../support/nnunet-folder.ts';

describe('rows in a file', () => {
  it('are read as they were written last, in any order', () => {
    const file = new RowFile(temporaryFolder(), 3);
    file.write(1, Float16Array.of(4, 5, 6));
    file.write(0, Float16Array.of(1, -0, 2 ** -24));
    file.write(1, Float16Array.of(7, 8, Number.POSITIVE_INFINITY));
    const row = new Float16Array(3);
    file.read(0, row);
    expect([...row]).toEqual([1, -0, 2 ** -24]);
    file.read(1, row);
    expect([...row]).toEqual([7, 8, Number.POSITIVE_INFINITY]);
    file.close();
  });

  it('that were never written are a defect, not zeros', () => {
    const file = new RowFile(temporaryFolder(), 3);
    file.write(0, Float16Array.of(1, 2, 3));
    expect(errorCode(() => file.read(1, new Float16Array(3)))).toBe('ROW_FILE_SHORT');
    file.close();
  });

  it('leave nothing behind, even while they are open', () => {
    const folder = temporaryFolder();
    const file = new RowFile(folder, 3);
    file.write(0, Float16Array.of(1, 2, 3));
    if (process.platform !== 'win32') expect(readdirSync(folder)).toEqual([]);
    file.close();
    expect(readdirSync(folder)).toEqual([]);
  });
});
