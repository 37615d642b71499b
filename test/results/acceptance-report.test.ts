import { describe, expect, it } from '@jest/globals';
import { encodeSr } from '../../src/results/index.ts';
import { acceptanceCases } from '../support/acceptance.ts';
import { codeValue, contentTree, named, type TreeItem } from '../support/content-tree.ts';
import { dciodvfy, dsrdump, haveTool } from '../support/dciodvfy.ts';
import { rawItems, rawTexts, readRaw, type RawDataset } from '../support/dicom-objects.ts';
import { rawFrames, rawGeometry, rawSource } from '../support/raw-segmentation.ts';
import { againstTemplate, reportTemplate } from '../support/sr-template.ts';

/** Checks 12 to 14 of dicom-seg-sr §4.2; what is read is read by dcmjs and plain arithmetic alone. */
const conformance = haveTool('dciodvfy');
const reports = haveTool('dsrdump');
const CASES = await acceptanceCases();
const MEAN = '373098007';
const SD = '386136009';

function groupsOf(dataset: RawDataset): readonly TreeItem[] {
  return named(named(contentTree(dataset), '126010')[0]?.children ?? [], '125007');
}

/** Series and instances of an evidence sequence, e.g. `1.2 1.3`, sorted. */
function references(dataset: RawDataset, tag: string): string[] {
  return rawItems(dataset, tag)
    .flatMap((study) => rawItems(study, '00081115'))
    .flatMap((series) =>
      rawItems(series, '00081199').map(
        (instance) =>
          `${rawTexts(series, '0020000E')[0] ?? ''} ${rawTexts(instance, '00081155')[0] ?? ''}`,
      ),
    )
    .sort();
}

describe.each(CASES)('the report on $name', ({ files, volume, findings, input, seg, sr }) => {
  const dataset = readRaw(sr.bytes);
  const segmentation = readRaw(seg.bytes);
  const groups = groupsOf(dataset);
  const modality = volume.source?.modality ?? 'MR';

  it('12. has the tree of the template, and nothing that dsrdump or dciodvfy minds', () => {
    expect(againstTemplate(contentTree(dataset), reportTemplate(modality))).toEqual([]);
    expect(groups).toHaveLength(40);
    if (reports) expect(dsrdump(sr.bytes)).toEqual([]);
    if (conformance) expect(dciodvfy(sr.bytes)).toEqual([]);
  });

  it('13. has the numbers that follow from the segmentation and the source’s pixels', () => {
    const geometry = rawGeometry(segmentation);
    const [between = 0, along = 0] = geometry.pixelSpacing;
    const source = new Map(rawSource(files).map(({ uid, values }) => [uid, values]));
    const measured = new Map<number, number[]>();
    for (const { segment, sources, pixels } of rawFrames(segmentation)) {
      const values = source.get(sources[0]?.uid ?? '') ?? new Float64Array();
      const list = measured.get(segment) ?? [];
      measured.set(segment, list);
      pixels.forEach((bit, pixel) => {
        if (bit === 1) list.push(values[pixel] ?? Number.NaN);
      });
    }
    groups.forEach((group, index) => {
      const values = measured.get(index + 1) ?? [];
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
      const millilitres = (values.length * between * along * geometry.sliceSpacing) / 1_000;
      const [volumeText = '', volumeUnit] = (
        named(group.children, '118565006')[0]?.value ?? ''
      ).split(' ');
      expect(volumeUnit).toBe('mL');
      expect(Math.abs(Number(volumeText) / millilitres - 1)).toBeLessThan(1e-3);
      const quantity = named(group.children, modality === 'CT' ? '112031' : '110852');
      const statistic = (derivation: string): string[] => {
        const item = quantity.find(({ children }) => children[0]?.value === derivation);
        return (item?.value ?? '').split(' ');
      };
      const unit = modality === 'CT' ? "[hnsf'U]" : "[arb'U]";
      for (const [derivation, expected] of [
        [MEAN, mean],
        [SD, Math.sqrt(variance)],
      ] as const) {
        const [text = '', symbol] = statistic(derivation);
        expect(symbol).toBe(unit);
        expect(Math.abs(Number(text) - expected)).toBeLessThan(1e-3);
      }
    });
  });

  it('14. agrees with the segmentation pairwise, and has it and the source as evidence', () => {
    const segments = rawItems(segmentation, '00620002');
    expect(groups).toHaveLength(segments.length);
    groups.forEach((group, index) => {
      const segment = segments[index];
      const valueOf = (name: string): string | null | undefined =>
        named(group.children, name)[0]?.value;
      expect(valueOf('112039')).toBe(rawTexts(segment, '00620020')[0]);
      expect(valueOf('112040')).toBe(rawTexts(segment, '00620021')[0]);
      expect(valueOf('121191')).toBe(`${seg.sopInstanceUid} segment ${index + 1}`);
      expect(valueOf('121071')).toBe(codeValue(segment, '0062000F'));
      expect(valueOf('276214006')).toBe(codeValue(segment, '00620003'));
    });
    const originals = files.map((file) => {
      const original = readRaw(file);
      return ['0020000E', '00080018'].map((tag) => rawTexts(original, tag)[0] ?? '').join(' ');
    });
    expect(references(dataset, '0040A375')).toEqual(
      [...originals, `${seg.seriesInstanceUid} ${seg.sopInstanceUid}`].sort(),
    );
    expect(references(dataset, '0040A360')).toEqual([]);

    const rerun = encodeSr({
      ...input,
      findings,
      segmentation: seg,
      identity: { ...input.identity, run: 2, instanceNumber: 2 },
      predecessor: sr,
    });
    const again = readRaw(rerun.bytes);
    expect(references(again, '0040A360')).toEqual([`${sr.seriesInstanceUid} ${sr.sopInstanceUid}`]);
    expect(rerun.sopInstanceUid).not.toBe(sr.sopInstanceUid);
  });
});
