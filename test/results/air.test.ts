import { describe, expect, it } from '@jest/globals';
import { encodeCapture, encodeSeg, encodeSr } from '../../src/results/index.ts';
import { codeValue, contentTree, named, type TreeItem } from '../support/content-tree.ts';
import { rawItems, rawTexts, readRaw, type RawDataset } from '../support/dicom-objects.ts';
import { makeFindings, makeResultInput } from '../support/results.ts';
import { STRUCTURE_NAMES } from '../support/structures.ts';
import { makeLabels, makeVolume } from '../support/volume.ts';

/**
 * What IHE AI Results asks of an Evidence Creator, requirement by requirement, on encoded objects; the
 * conformance statement names these tests.
 */
const PROCESSING = '109102 DCM';
const [CONTRIBUTING, MAKER, MODEL, VERSION, DEVICE] = [
  '0018A001',
  '00080070',
  '00081090',
  '00181020',
  '00181002',
] as const;

const first = (dataset: RawDataset | undefined, tag: string): string | undefined =>
  rawTexts(dataset, tag)[0];

/** Items of Contributing Equipment that processed, in order. */
function processing(dataset: RawDataset): RawDataset[] {
  return rawItems(dataset, CONTRIBUTING).filter((item) => {
    const [purpose] = rawItems(item, '0040A170');
    return `${first(purpose, '00080100')} ${first(purpose, '00080102')}` === PROCESSING;
  });
}

function everyItem(items: readonly TreeItem[]): TreeItem[] {
  return items.flatMap((item) => [item, ...everyItem(item.children)]);
}

describe.each(['MR', 'CT'] as const)('AI results on a %s', (modality) => {
  const volume = makeVolume({ modality });
  const labels = makeLabels(volume, STRUCTURE_NAMES, (column, row) =>
    row > 2 ? (([0, 13, 2, 0, 3, 13] as const)[column] ?? 0) : 0,
  );
  const input = makeResultInput(volume, labels);
  const segmentation = encodeSeg(input);
  const report = encodeSr({ ...input, findings: makeFindings(volume, labels), segmentation });
  const seg = readRaw(segmentation.bytes);
  const sr = readRaw(report.bytes);
  const objects = {
    seg,
    labelMap: readRaw(encodeSeg({ ...input, encoding: 'LABELMAP' }).bytes),
    sr,
    pictures: readRaw(encodeCapture({ ...input, segmentation }).bytes),
  };
  const tree = contentTree(sr);
  const groups = named(named(tree, '126010')[0]?.children ?? [], '125007');
  const valueOf = (items: readonly TreeItem[], name: string): string | null | undefined =>
    named(items, name)[0]?.value;

  it('describes the algorithm in Contributing Equipment of every object', () => {
    for (const [name, dataset] of Object.entries(objects)) {
      const [algorithm] = processing(dataset);
      expect([name, ...[MAKER, MODEL, VERSION].map((tag) => first(algorithm, tag))]).toEqual([
        name,
        'Makers of Models',
        'demo',
        '1.2',
      ]);
      expect(first(algorithm, DEVICE)).toMatch(/^2\.25\.[1-9]\d*$/);
      expect(first(algorithm, DEVICE)).toBe(first(processing(seg)[0], DEVICE));
    }
  });

  it('names as device observer what an item of Contributing Equipment names', () => {
    const observer = ['121014', '121015', '121012'].map((name) => valueOf(tree, name));
    expect(observer.every((value) => (value ?? '') !== '')).toBe(true);
    const items = processing(sr).map((item) =>
      [MAKER, MODEL, DEVICE].map((tag) => first(item, tag)),
    );
    expect(items).toContainEqual(observer);
  });

  it('names in every group the algorithm of Contributing Equipment', () => {
    const [algorithm] = processing(sr);
    expect(groups.length).toBe(3);
    for (const { children } of groups) {
      expect(['111001', '111003', '122405'].map((name) => valueOf(children, name))).toEqual(
        [MODEL, VERSION, MAKER].map((tag) => first(algorithm, tag)),
      );
    }
  });

  it('names in every segment the algorithm of Contributing Equipment', () => {
    for (const dataset of [seg, objects.labelMap]) {
      const [algorithm] = processing(dataset);
      const segments = rawItems(dataset, '00620002').filter(
        (segment) => codeValue(segment, '0062000F') !== '125040',
      );
      expect(segments).toHaveLength(3);
      for (const segment of segments) {
        const [identification] = rawItems(segment, '00620007');
        expect(
          ['00660036', '00660031', '00240202'].map((tag) => first(identification, tag)),
        ).toEqual([MODEL, VERSION, MAKER].map((tag) => first(algorithm, tag)));
      }
    }
  });

  it('has the node as General Equipment, apart from the algorithm', () => {
    for (const dataset of Object.values(objects)) {
      const general = [MAKER, MODEL].map((tag) => first(dataset, tag));
      const [algorithm, node] = processing(dataset);
      expect([MAKER, MODEL].map((tag) => first(node, tag))).toEqual(general);
      expect([MAKER, MODEL].map((tag) => first(algorithm, tag))).not.toEqual(general);
      expect(first(node, DEVICE)).not.toBe(first(algorithm, DEVICE));
    }
  });

  it('writes a Comprehensive 3D SR with TID 1500 at its root', () => {
    expect(first(sr, '00080016')).toBe('1.2.840.10008.5.1.4.1.1.88.34');
    expect(first(seg, '00080016')).toBe('1.2.840.10008.5.1.4.1.1.66.4');
    expect(codeValue(sr, '0040A043')).toBe('126000');
    const [template] = rawItems(sr, '0040A504');
    expect([first(template, '00080105'), first(template, '0040DB00')]).toEqual(['DCMR', '1500']);
  });

  it('reports the imaging procedure, not the algorithm', () => {
    expect(valueOf(tree, '121058')).toBe(modality === 'MR' ? '25056-3' : '25045-6');
  });

  it('tracks every finding by an identifier and a UID of its own, those of its segment', () => {
    const tracking = groups.map(({ children }) => [
      valueOf(children, '112039'),
      valueOf(children, '112040'),
    ]);
    for (const column of [0, 1]) {
      expect(new Set(tracking.map((pair) => pair[column])).size).toBe(groups.length);
    }
    expect(tracking).toEqual(
      rawItems(seg, '00620002').map((segment) => [
        first(segment, '00620020'),
        first(segment, '00620021'),
      ]),
    );
  });

  it('ties every group to one segment of the stored object and to the source series', () => {
    groups.forEach(({ children }, index) => {
      const referred = named(children, '121191').map(({ value }) => value);
      expect(referred).toEqual([`${segmentation.sopInstanceUid} segment ${index + 1}`]);
      const source = named(children, '121232').map(({ value }) => value);
      expect(source).toEqual([volume.source?.seriesInstanceUid]);
    });
  });

  it('has as evidence exactly the instances of its tree, in the study of the images', () => {
    const evidence = rawItems(sr, '0040A375').flatMap((study) =>
      rawItems(study, '00081115').flatMap((series) =>
        rawItems(series, '00081199').map((one) => first(one, '00081155')),
      ),
    );
    const inTree = everyItem(tree)
      .filter(({ type }) => type === 'IMAGE')
      .flatMap(({ dataset }) => rawItems(dataset, '00081199').map((one) => first(one, '00081155')));
    expect([...evidence].sort()).toEqual([...new Set(inTree)].sort());
    for (const dataset of Object.values(objects)) {
      expect(first(dataset, '0020000D')).toBe(volume.source?.studyInstanceUid);
    }
  });

  it('gives every measurement a quantity, a unit, and a method or derivation', () => {
    for (const { children } of groups) {
      const numbers = children.filter(({ type }) => type === 'NUM');
      expect(numbers).toHaveLength(6);
      for (const number of numbers) {
        expect(number.name).toMatch(/^(118565006|110852|112031)$/);
        expect(number.value).toMatch(/^-?\d\S* (mL|\[arb'U\]|\[hnsf'U\])$/);
        const how = number.children.map(({ name }) => name);
        expect(how).toEqual([number.name === '118565006' ? '370129005' : '121401']);
      }
    }
  });

  it('codes qualitative findings inside their group, and identifies its own scheme', () => {
    for (const { children } of groups) {
      const [finding, ...others] = named(children, 'TRUNC_FOV');
      expect(others).toEqual([]);
      expect([finding?.relationship, finding?.type]).toEqual(['CONTAINS', 'CODE']);
      expect(['373066001', '373067005']).toContain(finding?.value);
      const [name] = rawItems(finding?.dataset, '0040A043');
      const schemes = rawItems(sr, '00080110').map((item) => first(item, '00080102'));
      expect(schemes).toContain(first(name, '00080102'));
    }
  });

  it('says at its root that a device observed, and that nobody has verified it', () => {
    expect(named(tree, '121005').map(({ value }) => value)).toEqual(['121007']);
    expect(named(everyItem(tree), '121012')).toHaveLength(1);
    expect(first(sr, '0040A493')).toBe('UNVERIFIED');
    expect(sr['0040A073']).toBeUndefined();
  });
});
