import { describe, expect, it } from '@jest/globals';

import type { DicomJson } from '../../src/contracts/index.ts';
import { seriesHeaders } from '../../src/imaging/index.ts';
import { makeSeries } from '../support/dicom.ts';

const siemens = (value: number): DicomJson => ({
  '00190010': { vr: 'LO', Value: ['SIEMENS MR HEADER'] },
  '0019100C': { vr: 'IS', Value: [value] },
});

/** The b-values of the stacks of a series whose two stacks have these private elements. */
function bValues(first: DicomJson, second: DicomJson): readonly unknown[] {
  const { metadata } = makeSeries({ stacks: [{}, {}] });
  const both = metadata.map((dataset, i) => ({ ...dataset, ...(i % 2 === 0 ? first : second) }));
  return seriesHeaders(both).stacks.map(({ attributes }) => attributes['DiffusionBValue']);
}

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');

describe('b-values in private elements', () => {
  it('tell the stacks of a Siemens series apart', () => {
    expect(bValues(siemens(50), siemens(800))).toEqual([50, 800]);
  });

  it('are found in whatever block the creator reserved', () => {
    const other: DicomJson = {
      '00190010': { vr: 'LO', Value: ['SOMEBODY ELSE'] },
      '0019100C': { vr: 'IS', Value: [7] },
      '00190011': { vr: 'LO', Value: ['SIEMENS MR HEADER'] },
      '0019110C': { vr: 'IS', Value: [1000] },
    };
    expect(bValues(siemens(0), other)).toEqual([0, 1000]);
  });

  it('lose the mark that GE adds, also in elements sent on as UN', () => {
    const ge = (text: string): DicomJson => ({
      '00430010': { vr: 'UN', InlineBinary: base64(Buffer.from('GEMS_PARM_01')) },
      '00431039': { vr: 'UN', InlineBinary: base64(Buffer.from(text)) },
    });
    expect(bValues(ge('50\\8\\0\\0'), ge('1000000800\\8\\0\\0'))).toEqual([50, 800]);
  });

  it('are floats of Philips, plain or in bytes', () => {
    const creator = { '20010010': { vr: 'LO', Value: ['Philips Imaging DD 001'] } };
    const bytes = Buffer.alloc(4);
    bytes.writeFloatLE(600);
    expect(
      bValues(
        { ...creator, '20011003': { vr: 'FL', Value: [0] } },
        { ...creator, '20011003': { vr: 'UN', InlineBinary: base64(bytes) } },
      ),
    ).toEqual([0, 600]);
  });

  it('give way to the standard attribute', () => {
    const standard: DicomJson = { '00189087': { vr: 'FD', Value: [400] }, ...siemens(1) };
    expect(bValues(siemens(50), standard)).toEqual([400, 50]);
  });
});
