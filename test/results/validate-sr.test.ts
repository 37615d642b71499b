import { describe, expect, it } from '@jest/globals';
import {
  encodeSeg,
  encodeSr,
  validateSr,
  type ValidationFinding,
} from '../../src/results/index.ts';
import { altered, rawItems, rawValue, setRaw, type RawDataset } from '../support/dicom-objects.ts';
import { makeFindings, makeResultInput } from '../support/results.ts';
import { STRUCTURE_NAMES } from '../support/structures.ts';
import { makeLabels, makeVolume } from '../support/volume.ts';

const volume = makeVolume({ shape: [4, 16, 16] });
const labels = makeLabels(volume, STRUCTURE_NAMES, (column) => [0, 2, 3, 13][column] ?? 0);
const input = makeResultInput(volume, labels);
const seg = encodeSeg(input);
const findings = makeFindings(volume, labels);
const { bytes } = encodeSr({ ...input, findings, segmentation: seg });

const children = (item: RawDataset | undefined): RawDataset[] => rawItems(item, '0040A730');
const codeOf = (item: RawDataset | undefined, tag: string): unknown =>
  rawValue(rawItems(item, tag)[0], '00080100');
/** The first descendant path of concept names, e.g. container, group, item. */
function find(item: RawDataset, ...names: readonly string[]): RawDataset | undefined {
  return names.reduce<RawDataset | undefined>(
    (parent, name) => children(parent).find((child) => codeOf(child, '0040A043') === name),
    item,
  );
}
const inGroup = (dataset: RawDataset, name: string) => find(dataset, '126010', '125007', name);

function remove(parent: RawDataset | undefined, name: string): void {
  const items = parent?.['0040A730']?.Value as RawDataset[] | undefined;
  const at = (items ?? []).findIndex((item) => codeOf(item, '0040A043') === name);
  items?.splice(at, 1);
}

function validate(change: (dataset: RawDataset) => void): ValidationFinding[] {
  return validateSr(altered(bytes, change), volume, seg.bytes);
}

describe('the validator of reports', () => {
  it('finds nothing in what was encoded, nor in a rewritten copy of it', () => {
    expect(validateSr(bytes, volume, seg.bytes)).toEqual([]);
    expect(validate(() => undefined)).toEqual([]);
  });

  it('finds nothing in a report without a segmentation', () => {
    const alone = encodeSr({ ...input, findings, segmentation: null });
    expect(validateSr(alone.bytes, volume, null)).toEqual([]);
    expect(validateSr(bytes, volume, null).map(({ rule }) => rule)).toContain('segment');
  });

  it.each<[string, RegExp, (dataset: RawDataset) => void]>([
    ['type-1-missing', /^CompletionFlag$/, (d) => delete d['0040A491']],
    ['type-2-missing', /^PerformedProcedureCodeSequence$/, (d) => delete d['0040A372']],
    ['type-1-missing', /^SeriesNumber$/, (d) => delete d['00200011']],
    [
      'wrong-class',
      /^SOPClassUID$/,
      (d) => setRaw(d, '00080016', 'UI', '1.2.840.10008.5.1.4.1.1.88.22'),
    ],
    ['not-copied', /^PatientName$/, (d) => setRaw(d, '00100010', 'PN', 'Someone^Else')],
    [
      'template',
      /^ContentTemplateSequence$/,
      (d) => setRaw(rawItems(d, '0040A504')[0], '0040DB00', 'CS', '1501'),
    ],
    ['template', /^ContentSequence$/, (d) => remove(d, '121012')],
    [
      'template',
      /^ContentSequence\[10\]\/ContentSequence\[1\]\/ContentSequence$/,
      (d) => remove(find(d, '126010', '125007'), '112040'),
    ],
    [
      'template',
      /ContentSequence\[1\]\/ContentSequence\[5\]$/,
      (d) =>
        children(find(d, '126010', '125007')).splice(
          4,
          0,
          structuredClone(inGroup(d, '112039') ?? {}),
        ),
    ],
    [
      'template',
      /ContentSequence/,
      (d) => setRaw(inGroup(d, '363698007'), '0040A010', 'CS', 'CONTAINS'),
    ],
    [
      'template',
      /ContentSequence/,
      (d) => setRaw(inGroup(d, '118565006'), '0040A040', 'CS', 'TEXT'),
    ],
    [
      'template',
      /ContinuityOfContent$/,
      (d) => setRaw(find(d, '126010'), '0040A050', 'CS', 'CONTINUOUS'),
    ],
    [
      'template-value',
      /ContentSequence/,
      (d) => setRaw(rawItems(inGroup(d, '276214006'), '0040A168')[0], '00080100', 'SH', '1'),
    ],
    ['template-value', /ContentSequence/, (d) => setRaw(inGroup(d, '112039'), '0040A160', 'UT')],
    ['number', /ContentSequence/, (d) => setRaw(inGroup(d, '118565006'), '0040A300', 'SQ')],
    [
      'number',
      /ContentSequence/,
      (d) => setRaw(rawItems(inGroup(d, '118565006'), '0040A300')[0], '0040A30A', 'DS', '17'),
    ],
    [
      'number',
      /ContentSequence/,
      (d) =>
        setRaw(
          rawItems(rawItems(inGroup(d, '118565006'), '0040A300')[0], '004008EA')[0],
          '00080100',
          'SH',
          'L',
        ),
    ],
    [
      'unit',
      /ContentSequence/,
      (d) =>
        setRaw(
          rawItems(rawItems(inGroup(d, '110852'), '0040A300')[0], '004008EA')[0],
          '00080100',
          'SH',
          "[hnsf'U]",
        ),
    ],
    [
      'quantity',
      /ContentSequence/,
      (d) => setRaw(rawItems(inGroup(d, '110852'), '0040A043')[0], '00080100', 'SH', '112031'),
    ],
    ['completion', /^CompletionFlag$/, (d) => setRaw(d, '0040A491', 'CS', 'PARTIAL')],
    [
      'evidence',
      /^CurrentRequestedProcedureEvidenceSequence$/,
      (d) => rawItems(rawItems(rawItems(d, '0040A375')[0], '00081115')[1], '00081199').pop(),
    ],
    [
      'evidence',
      /^CurrentRequestedProcedureEvidenceSequence$/,
      (d) => rawItems(rawItems(d, '0040A375')[0], '00081115').pop(),
    ],
    [
      'evidence',
      /ContentSequence/,
      (d) => setRaw(rawItems(inGroup(d, '121191'), '00081199')[0], '00081155', 'UI', '1.2.3'),
    ],
    [
      'segment',
      /ContentSequence/,
      (d) => setRaw(rawItems(inGroup(d, '121191'), '00081199')[0], '0062000B', 'US', 2),
    ],
    ['segment', /ContentSequence/, (d) => setRaw(inGroup(d, '112040'), '0040A124', 'UI', '1.2.3')],
    ['segment', /ContentSequence/, (d) => remove(inGroup(d, '363698007'), '272741003')],
    [
      'segment',
      /ContentSequence/,
      (d) => setRaw(rawItems(inGroup(d, '121071'), '0040A168')[0], '00080100', 'SH', '10200004'),
    ],
    ['segment', /^ContentSequence$/, (d) => children(find(d, '126010')).pop()],
    [
      'code-meaning',
      /ContentSequence/,
      (d) => setRaw(rawItems(inGroup(d, '121071'), '0040A043')[0], '00080104', 'LO', 'Found'),
    ],
  ])('reports %s at %s', (rule, path, change) => {
    expect(validate(change)).toContainEqual(
      expect.objectContaining({ rule, path: expect.stringMatching(path), level: 'error' }),
    );
  });
});
