import { describe, expect, it } from '@jest/globals';
import { asSitusError, refuse, SitusError } from '../../src/contracts/index.ts';

describe('asSitusError', () => {
  it('keeps an error that already has a code', () => {
    const error = refuse('MISSING_SLICES', 'Slices 3 and 4 are missing.', 'Send them again.');
    expect(asSitusError(error)).toBe(error);
  });

  it('turns a full disk into a retry with the disk as origin', () => {
    const full = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
    const error = asSitusError(full);
    expect(error).toBeInstanceOf(SitusError);
    expect(error).toMatchObject({ code: 'DISK_FULL', errorClass: 'retry', origin: 'disk' });
    expect(error.cause).toBe(full);
  });

  it('calls anything else a fault of Situs', () => {
    expect(asSitusError('odd')).toMatchObject({ code: 'INTERNAL', errorClass: 'fault' });
  });
});
