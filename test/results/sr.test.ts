import { describe, expect, it } from '@jest/globals';
import type { Findings } from '../../src/contracts/index.ts';
import { encodeSeg, encodeSr, type SrInput } from '../../src/results/index.ts';
import { codeValue, contentTree, named, type TreeItem } from '../support/content-tree.ts';
import { rawItems, rawTexts, readRaw } from '../support/dicom-objects.ts';
import { makeFindings, makeResultInput } from '../support/results.ts';
import { STRUCTURE_NAMES, STRUCTURES } from '../support/structures.ts';
import { makeLabels, makeVolume, type VolumeOptions } from '../support/volume.ts';

function makeReport(options: VolumeOptions = {}, change: Partial<SrInput> = {}) {
  const volume = makeVolume(options);
  const labels = makeLabels(volume, STRUCTURE_NAMES, (column, row) =>
    row > 2 ? (([0, 13, 2, 0, 3, 13] as const)[column] ?? 0) : 0,
  );
  const input = makeResultInput(volume, labels);
  const segmentation = encodeSeg(input);
  const findings = makeFindings(volume, labels);
  const sr = encodeSr({ ...input, findings, segmentation, ...change });
  return { volume, labels, input, segmentation, findings, sr, dataset: readRaw(sr.bytes) };
}

function groupsOf(tree: readonly TreeItem[]): readonly TreeItem[] {
  return named(named(tree, '126010')[0]?.children ?? [], '125007');
}

const line = (item: TreeItem): string => `${item.relationship} ${item.type} ${item.name ?? '-'}`;

describe('the report', () => {
  const { volume, segmentation, sr, findings, dataset } = makeReport();
  const tree = contentTree(dataset);

  it('has the tree of TID 1500 in its order', () => {
    expect(tree.map(line)).toEqual([
      'HAS CONCEPT MOD CODE 121049',
      'HAS OBS CONTEXT CODE 121005',
      'HAS OBS CONTEXT UIDREF 121012',
      'HAS OBS CONTEXT TEXT 121013',
      'HAS OBS CONTEXT TEXT 121014',
      'HAS OBS CONTEXT TEXT 121015',
      'HAS OBS CONTEXT TEXT 121016',
      'HAS CONCEPT MOD CODE 121058',
      'CONTAINS CONTAINER 111028',
      'CONTAINS CONTAINER 126010',
    ]);
    expect(rawTexts(rawItems(dataset, '0040A504')[0], '0040DB00')).toEqual(['1500']);
  });

  it('has a measurement group a structure, rows in the order of TID 1411', () => {
    const groups = groupsOf(tree);
    expect(groups.map((group) => named(group.children, '112039')[0]?.value)).toEqual([
      'right_kidney (demo)',
      'left_kidney (demo)',
      'aorta (demo)',
    ]);
    const common = [
      'HAS OBS CONTEXT TEXT 112039',
      'HAS OBS CONTEXT UIDREF 112040',
      'CONTAINS CODE 276214006',
      'CONTAINS CODE 121071',
      'CONTAINS IMAGE 121191',
      'CONTAINS UIDREF 121232',
      'HAS CONCEPT MOD CODE 363698007',
      'HAS CONCEPT MOD TEXT 111001',
      'HAS CONCEPT MOD TEXT 111003',
      'HAS CONCEPT MOD TEXT 122405',
      'HAS CONCEPT MOD TEXT 111002',
      'HAS CONCEPT MOD TEXT 111002',
      'HAS CONCEPT MOD CODE 111000',
      'CONTAINS NUM 118565006',
      ...new Array<string>(5).fill('CONTAINS NUM 110852'),
      'CONTAINS CODE TRUNC_FOV',
    ];
    for (const group of groups) expect(group.children.map(line)).toEqual(common);
  });

  it('ties every group to its segment, structure and side', () => {
    const segments = rawItems(readRaw(segmentation.bytes), '00620002');
    groupsOf(tree).forEach((group, index) => {
      const segment = segments[index];
      const value = (name: string): string | null | undefined =>
        named(group.children, name)[0]?.value;
      expect(value('121191')).toBe(`${segmentation.sopInstanceUid} segment ${index + 1}`);
      expect(value('121232')).toBe(volume.source?.seriesInstanceUid);
      expect(value('112040')).toBe(rawTexts(segment, '00620021')[0]);
      expect(value('121071')).toBe(codeValue(segment, '0062000F'));
      const [site] = named(group.children, '363698007');
      expect(site?.value).toBe(codeValue(segment, '0062000F'));
      const [type] = rawItems(segment, '0062000F');
      expect(site?.children.map(({ value: side }) => side)).toEqual(
        [codeValue(type, '00620011')].filter((side) => side !== null),
      );
    });
  });

  it('holds the numbers of the findings in millilitres and arbitrary units', () => {
    groupsOf(tree).forEach((group, index) => {
      const found = findings.structures[index];
      const volumes = named(group.children, '118565006');
      const [digits, unit] = (volumes[0]?.value ?? '').split(' ');
      expect(Number(digits)).toBeCloseTo(found?.volumeMl ?? -1, 10);
      expect(unit).toBe('mL');
      expect(volumes[0]?.children.map(({ name, value }) => [name, value])).toEqual([
        ['370129005', '126030'],
      ]);
      const statistics = named(group.children, '110852').map((item) => {
        const [text, symbol] = (item.value ?? '').split(' ');
        return [item.children[0]?.value, Number(text), symbol];
      });
      const { mean, sd, median, minimum, maximum } = found?.intensity ?? {};
      const expected = [
        ['373098007', mean],
        ['386136009', sd],
        ['373099004', median],
        ['255605001', minimum],
        ['56851009', maximum],
      ] as const;
      expected.forEach(([derivation, value], row) => {
        expect(statistics[row]?.[0]).toBe(derivation);
        expect(statistics[row]?.[1]).toBeCloseTo(value ?? Number.NaN, 9);
        expect(statistics[row]?.[2]).toBe("[arb'U]");
      });
    });
  });

  it('says of every structure whether the field of view cuts it', () => {
    const said = groupsOf(tree).map((group) => named(group.children, 'TRUNC_FOV')[0]?.value);
    expect(said).toEqual(
      findings.structures.map(({ truncated }) => (truncated ? '373066001' : '373067005')),
    );
    const [scheme] = rawItems(dataset, '00080110');
    expect(rawTexts(scheme, '00080102')).toEqual(['99SITUS']);
  });

  it('lists as evidence exactly the segmentation and the source', () => {
    const [study, ...others] = rawItems(dataset, '0040A375');
    expect(others).toEqual([]);
    const series = rawItems(study, '00081115').map((item) => ({
      uid: rawTexts(item, '0020000E')[0],
      instances: rawItems(item, '00081199').map((instance) => rawTexts(instance, '00081155')[0]),
    }));
    expect(series).toEqual([
      { uid: segmentation.seriesInstanceUid, instances: [segmentation.sopInstanceUid] },
      {
        uid: volume.source?.seriesInstanceUid,
        instances: volume.slices.map(({ sopInstanceUid }) => sopInstanceUid),
      },
    ]);
    const [group] = named(tree, '111028')[0]?.children ?? [];
    expect(
      group?.children.filter(({ type }) => type === 'IMAGE').map(({ value }) => value),
    ).toEqual(volume.slices.map(({ sopInstanceUid }) => sopInstanceUid));
  });

  it('is complete, unverified, preliminary and without a predecessor', () => {
    expect(['0040A491', '0040A493', '0040A496'].map((tag) => rawTexts(dataset, tag)[0])).toEqual([
      'COMPLETE',
      'UNVERIFIED',
      'PRELIMINARY',
    ]);
    expect(dataset['0040A360']).toBeUndefined();
  });

  it('has the same bytes at every encoding', () => {
    expect(makeReport().sr.sha256).toBe(sr.sha256);
  });
});

describe('a re-run', () => {
  it('names the earlier report and keeps the tracking', () => {
    const first = makeReport();
    const second = makeReport(
      {},
      {
        identity: { ...first.input.identity, run: 2, instanceNumber: 2 },
        predecessor: {
          studyInstanceUid: first.sr.studyInstanceUid,
          seriesInstanceUid: first.sr.seriesInstanceUid,
          sopClassUid: first.sr.sopClassUid,
          sopInstanceUid: first.sr.sopInstanceUid,
        },
      },
    );
    const [study] = rawItems(second.dataset, '0040A360');
    const [series] = rawItems(study, '00081115');
    expect(rawTexts(series, '0020000E')).toEqual([first.sr.seriesInstanceUid]);
    expect(rawTexts(rawItems(series, '00081199')[0], '00081155')).toEqual([
      first.sr.sopInstanceUid,
    ]);
    expect(second.sr.sopInstanceUid).not.toBe(first.sr.sopInstanceUid);
    expect(rawTexts(second.dataset, '00200013')).toEqual(['2']);
    const tracking = (report: typeof first): unknown =>
      groupsOf(contentTree(report.dataset)).map(
        (group) => named(group.children, '112040')[0]?.value,
      );
    expect(tracking(second)).toEqual(tracking(first));
  });
});

describe('units and quantities', () => {
  const quantities = (options: VolumeOptions): unknown => {
    const { dataset } = makeReport(options);
    const [group] = groupsOf(contentTree(dataset));
    const [, unit] = (group?.children.filter(({ type }) => type === 'NUM')[1]?.value ?? '').split(
      ' ',
    );
    const names = group?.children.filter(({ type }) => type === 'NUM').map(({ name }) => name);
    return [names?.[1], unit];
  };

  it('are Hounsfield units for CT that has them, and arbitrary otherwise', () => {
    expect(quantities({ modality: 'CT' })).toEqual(['112031', "[hnsf'U]"]);
    expect(quantities({ modality: 'CT', unit: 'arbitrary' })).toEqual(['112031', "[arb'U]"]);
    expect(quantities({ modality: 'MR' })).toEqual(['110852', "[arb'U]"]);
  });

  it('are refused when the findings were measured in another unit', () => {
    const wrong = expect.objectContaining({ code: 'WRONG_UNIT' });
    const { findings } = makeReport();
    expect(() => makeReport({}, { findings: { ...findings, unit: 'HU' } })).toThrow(wrong);
    expect(() => makeReport({ modality: 'MR', unit: 'HU' })).toThrow(wrong);
  });
});

describe('a measurement that failed', () => {
  const { findings } = makeReport();
  const failing: Findings = {
    ...findings,
    structures: findings.structures.map((found) =>
      found.structure === 'left_kidney' ? { ...found, intensity: null } : found,
    ),
  };

  it('has no value but a reason, and makes the report partial', () => {
    const { dataset } = makeReport({}, { findings: failing });
    expect(rawTexts(dataset, '0040A491')).toEqual(['PARTIAL']);
    expect(rawTexts(dataset, '0040A492').join()).toContain('left_kidney');
    const failed = groupsOf(contentTree(dataset)).map((group) =>
      group.children
        .filter(({ type, value }) => type === 'NUM' && value === null)
        .map(({ dataset: item }) => codeValue(item, '0040A301')),
    );
    expect(failed).toEqual([[], new Array<string>(5).fill('114006'), []]);
  });

  it('is also one of a structure that was not measured, and one that is not a number', () => {
    const flags = (structures: Findings['structures']): unknown =>
      rawTexts(makeReport({}, { findings: { ...findings, structures } }).dataset, '0040A491')[0];
    expect(flags(findings.structures.slice(1))).toBe('PARTIAL');
    expect(flags(findings.structures.map((found) => ({ ...found, volumeMl: Number.NaN })))).toBe(
      'PARTIAL',
    );
  });
});

describe('a report without a stored segmentation', () => {
  it('uses TID 1501 and refers to the source alone', () => {
    const { dataset, volume } = makeReport({}, { segmentation: null });
    const [group] = groupsOf(contentTree(dataset));
    expect(named(group?.children ?? [], '121191')).toEqual([]);
    expect(rawTexts(rawItems(group?.dataset, '0040A504')[0], '0040DB00')).toEqual(['1501']);
    const series = rawItems(rawItems(dataset, '0040A375')[0], '00081115');
    expect(series.map((item) => rawTexts(item, '0020000E')[0])).toEqual([
      volume.source?.seriesInstanceUid,
    ]);
  });
});

describe('a report on a multi-frame source', () => {
  it('names the one instance with the frames that were used', () => {
    const { dataset, volume } = makeReport({ shape: [3, 8, 8], frameNumbers: [7, 4, 1] });
    const [group] = named(contentTree(dataset), '111028')[0]?.children ?? [];
    expect(
      group?.children.filter(({ type }) => type === 'IMAGE').map(({ value }) => value),
    ).toEqual([`${volume.slices[0]?.sopInstanceUid} 1 4 7`]);
  });
});

describe('the codes of the report', () => {
  it('are those of the structures, byte for byte', () => {
    const volume = makeVolume();
    const labels = makeLabels(volume, STRUCTURE_NAMES, (column, row) =>
      Math.min(STRUCTURES.length, row * 13 + column),
    );
    const input = makeResultInput(volume, labels);
    const sr = encodeSr({ ...input, findings: makeFindings(volume, labels), segmentation: null });
    const found = groupsOf(contentTree(readRaw(sr.bytes))).map((group) => {
      const [site] = named(group.children, '363698007');
      const [item] = rawItems(site?.dataset, '0040A168');
      return [
        rawTexts(item, '00080100')[0],
        rawTexts(item, '00080102')[0],
        rawTexts(item, '00080104')[0],
        site?.children[0]?.value ?? null,
      ];
    });
    expect(found).toEqual(
      STRUCTURES.map(({ type, laterality }) => [
        type.value,
        type.scheme,
        type.meaning,
        laterality?.value ?? null,
      ]),
    );
  });
});
