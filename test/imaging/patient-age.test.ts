import { describe, expect, it } from '@jest/globals';
import { studyHeaders } from '../../src/imaging/index.ts';
import { ageOn } from '../../src/imaging/patient-age.ts';

describe('the age on the day of the study', () => {
  it.each([
    ['20240229', '19790301', '044Y'],
    ['20240301', '19790301', '045Y'],
    ['20240229', '20230830', '005M'],
    ['20240229', '20220301', '023M'],
    ['20240229', '20220228', '002Y'],
    ['20240229', '20240301', null],
    ['20240229', '18000101', null],
    ['2024', '19790301', null],
  ])('on %s, born on %s, is %s', (study, birth, expected) => {
    expect(ageOn(study, birth)).toBe(expected);
  });

  const listing = {
    archive: 'main',
    studyInstanceUid: '1.2',
    studyDate: '20240229',
    studyDescription: null,
    modalities: [],
    attributes: { '00100030': { vr: 'DA', Value: ['19790301'] } },
    series: [],
  };
  it('comes from the birth date, which is not kept, where no scanner wrote the age', () => {
    expect(studyHeaders(listing, []).attributes).toEqual({ PatientAge: '044Y' });
    const attributes = { ...listing.attributes, '00101010': { vr: 'AS', Value: ['050Y'] } };
    expect(studyHeaders({ ...listing, attributes }, []).attributes).toEqual({ PatientAge: '050Y' });
  });
});
