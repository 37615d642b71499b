import { describe, expect, it } from '@jest/globals';
import {
  encodeRejection,
  encodeSeg,
  encodeSr,
  validateRejection,
} from '../../src/results/index.ts';
import { altered, rawItems, type RawDataset } from '../support/dicom-objects.ts';
import { makeFindings, makeResultInput } from '../support/results.ts';
import { STRUCTURE_NAMES } from '../support/structures.ts';
import { makeLabels, makeVolume, type VolumeOptions } from '../support/volume.ts';

function rejectionOf(options: VolumeOptions = {}) {
  const volume = makeVolume(options);
  const labels = makeLabels(volume, STRUCTURE_NAMES, (column) => (column > 4 ? 5 : 0));
  const input = makeResultInput(volume, labels);
  const seg = encodeSeg(input);
  const sr = encodeSr({ ...input, findings: makeFindings(volume, labels), segmentation: seg });
  return {
    dataset: volume.source?.dataset ?? {},
    studyInstanceUid: seg.studyInstanceUid,
    rejected: [sr, seg, { ...sr, sopInstanceUid: '1.2.3.4' }],
    reason: 'quality' as const,
    text: 'The wrong series was segmented.',
    equipment: input.equipment,
    node: 'radiology-1',
    time: new Date('2024-03-02T09:00:00Z'),
  };
}

const input = rejectionOf();
const { bytes } = encodeRejection(input);

function rulesBroken(change: (dataset: RawDataset) => unknown): string[] {
  const broken = altered(bytes, change);
  return validateRejection(broken, input).map(({ rule, path }) => `${rule} ${path}`);
}

describe('the validator of rejection notes', () => {
  it('finds nothing against notes as they are written', () => {
    expect(validateRejection(bytes, input)).toEqual([]);
    const safety = { ...input, reason: 'safety' as const };
    expect(validateRejection(encodeRejection(safety).bytes, safety)).toEqual([]);
  });

  it('lets odd patient data pass, for they are the source’s', () => {
    const odd = rejectionOf({
      dataset: {
        '00100020': { vr: 'LO', Value: ['P'.repeat(70)] },
        '00100030': null,
        '00080050': null,
      },
    });
    const findings = validateRejection(encodeRejection(odd).bytes, odd);
    expect(findings.filter(({ level }) => level === 'error')).toEqual([]);
    expect(findings.map(({ path }) => path)).toEqual(['PatientID']);
  });

  it('finds a note that names something else than what is rejected', () => {
    const others = encodeRejection({ ...input, rejected: input.rejected.slice(0, 2) });
    const found = validateRejection(others.bytes, input);
    expect(found.map(({ rule }) => rule)).toContain('rejected');
    expect(found.map(({ message }) => message).join()).toMatch(/missing: .*1\.2\.3\.4/);
    const fewer = { ...input, rejected: input.rejected.slice(0, 2) };
    const messages = validateRejection(bytes, fewer).map(({ message }) => message);
    expect(messages.join()).toMatch(/nobody rejects is named: .*1\.2\.3\.4/);
  });

  it('finds another reason, another study and another patient', () => {
    const rulesOf = (change: Partial<typeof input>): string[] =>
      validateRejection(bytes, { ...input, ...change }).map(({ rule }) => rule);
    expect(
      validateRejection(bytes, { ...input, reason: 'safety' }).map(({ rule }) => rule),
    ).toEqual(['title']);
    expect(rulesOf({ studyInstanceUid: '1.2.3' })).toEqual(['wrong-study', 'evidence']);
    const patient = { '00100020': { vr: 'LO', Value: ['P-999'] } };
    expect(rulesOf({ dataset: { ...input.dataset, ...patient } })).toEqual(['not-copied']);
  });

  it('finds missing attributes and content', () => {
    expect(rulesBroken((dataset) => delete dataset['00080023'])).toEqual([
      'type-1-missing ContentDate',
    ]);
    expect(rulesBroken((dataset) => delete dataset['00081111'])).toEqual([
      'type-2-missing ReferencedPerformedProcedureStepSequence',
    ]);
    expect(rulesBroken((dataset) => delete dataset['0040A504'])).toEqual([
      'type-1-missing ContentTemplateSequence',
      'template ContentTemplateSequence',
    ]);
    const withoutObserver = rulesBroken((dataset) => rawItems(dataset, '0040A730').splice(2, 1));
    expect(withoutObserver).toContain('template ContentSequence');
  });

  it('finds an instance that stands in the wrong series of the evidence', () => {
    const broken = rulesBroken((dataset) => {
      const [study] = rawItems(dataset, '0040A375');
      const [series] = rawItems(study, '00081115');
      if (series !== undefined) series['0020000E'] = { vr: 'UI', Value: ['1.2.3.5'] };
    });
    expect(new Set(broken)).toEqual(
      new Set(['rejected CurrentRequestedProcedureEvidenceSequence']),
    );
  });
});
