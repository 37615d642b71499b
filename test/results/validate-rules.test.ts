import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { EDITION, readDicom, RULES, type ReadDataset } from '../../src/results/index.ts';
import { conditionPath } from '../../src/results/validate/modules.ts';
import { CONDITIONS, NOT_DECIDED } from '../../src/results/validate/standard/conditions.ts';
import { KINDS } from '../../src/results/validate/standard/kinds.ts';
import { PROMISED } from '../../src/results/validate/standard/promises.ts';
import { altered, setRaw } from '../support/dicom-objects.ts';
import {
  attributesOf,
  EXAMPLES,
  findingsOf,
  OBJECT_KINDS,
  lacking,
  type Placed,
} from '../support/removals.ts';

/** One of each attribute at each place. */
function unique(all: readonly Placed[]): Placed[] {
  return [...new Map(all.map((one) => [`${one.place}/${one.keyword}`, one])).values()];
}

describe.each(OBJECT_KINDS)('the standard’s tables for %s', (kind) => {
  const bytes = EXAMPLES[kind];
  const { dataset: whole } = readDicom(bytes);
  const all = attributesOf(kind, whole);
  const binding = all.filter(({ binds }) => binds);

  function paths(how: 'removed' | 'emptied', one: Placed): string[] {
    return findingsOf(kind, lacking(whole, one, how)).map(({ path }) => path);
  }

  it('have every attribute that is written, and find nothing against it', () => {
    expect(findingsOf(kind, whole)).toEqual([]);
    // Attributes of patient and study may be retired ones, as the source has them.
    expect(all.filter(({ type }) => type === 'none').map(({ path }) => path)).toEqual([]);
  });

  it('miss every attribute that they require, wherever it stands', () => {
    expect(unique(binding).length).toBeGreaterThan(40);
    const unnoticed = unique(binding).filter((one) => !paths('removed', one).includes(one.path));
    expect(unnoticed.map(({ path, type }) => `${path} ${type}`)).toEqual([]);
  });

  it('miss the value of every attribute of type 1', () => {
    const type1 = unique(binding).filter(({ type }) => type.startsWith('1'));
    const unnoticed = type1.filter((one) => !paths('emptied', one).includes(one.path));
    expect(unnoticed.map(({ path, type }) => `${path} ${type}`)).toEqual([]);
  });

  it('let attributes of type 2 be empty', () => {
    const type2 = unique(binding).filter(
      ({ place, keyword, type }) =>
        type === '2' && !PROMISED[kind].has(place === '' ? keyword : `${place}/${keyword}`),
    );
    const blamed = type2.filter((one) => paths('emptied', one).includes(one.path));
    expect(blamed.map(({ path }) => path)).toEqual([]);
  });

  it('miss any of them in any item, and blame nothing beside it', () => {
    fc.assert(
      fc.property(fc.constantFrom(...binding), (one) => {
        const found = findingsOf(kind, lacking(whole, one, 'removed'));
        expect(found.map(({ path }) => path)).toContain(one.path);
        // What goes with an attribute is in the same item.
        const parent = one.path.slice(0, -one.keyword.length);
        expect(found.every(({ path }) => path.startsWith(parent))).toBe(true);
      }),
      { seed: 7, numRuns: 200 },
    );
  });

  it('miss what Situs promises beyond the standard', () => {
    const promised = unique(all).filter(({ place, keyword }) =>
      PROMISED[kind].has(place === '' ? keyword : `${place}/${keyword}`),
    );
    expect(promised.length).toBeGreaterThan(3);
    const unnoticed = promised.filter((one) => !paths('removed', one).includes(one.path));
    expect(unnoticed.map(({ path }) => path)).toEqual([]);
  });

  it('decide every conditional attribute of a place that is written, or say why not', () => {
    const places = new Set(all.map(({ place }) => place));
    const open = [...RULES[kind]]
      .filter(([place]) => places.has(place))
      .flatMap(([place, rules]) =>
        [...rules]
          .filter(([, { type }]) => type.endsWith('C'))
          .map(([keyword]) => conditionPath(place, keyword))
          .filter((path) => !CONDITIONS.has(path) && !NOT_DECIDED.has(path)),
      );
    expect([...new Set(open)]).toEqual([]);
  });

  it('refuse attributes of other objects', () => {
    const strange = altered(bytes, (dataset) => setRaw(dataset, '00180050', 'DS', '5'));
    expect(
      findingsOf(kind, readDicom(strange).dataset).map(({ rule, path }) => [rule, path]),
    ).toEqual([['not-in-iod', 'SliceThickness']]);
  });
});

describe('the conditions', () => {
  it('forbid what would contradict the object', () => {
    const rules = (
      kind: (typeof OBJECT_KINDS)[number],
      tag: string,
      vr: string,
      ...values: unknown[]
    ): string[] =>
      findingsOf(
        kind,
        readDicom(altered(EXAMPLES[kind], (dataset) => setRaw(dataset, tag, vr, ...values)))
          .dataset,
      ).map(({ rule, path }) => `${rule} ${path}`);
    expect(rules('binary', '00280006', 'US', 0)).toEqual(['condition-forbids PlanarConfiguration']);
    expect(rules('binary', '0062000E', 'US', 255)).toEqual([
      'condition-forbids MaximumFractionalValue',
    ]);
    expect(rules('binary', '00280120', 'US', 0)).toEqual(['condition-forbids PixelPaddingValue']);
    expect(rules('report', '0040A160', 'UT', 'x')).toEqual(['condition-forbids TextValue']);
    expect(rules('report', '0040A493', 'CS', 'VERIFIED')).toEqual([
      'type-1-missing VerifyingObserverSequence',
    ]);
    expect(rules('capture', '00281052', 'DS', '0')).toEqual(['condition-forbids RescaleIntercept']);
  });

  it('name a section each, and concern only attributes of conditional types or macros', () => {
    for (const [path, { section }] of CONDITIONS) {
      expect(`${path} ${section}`).toMatch(/ (C\.\d+(\.\d+)*|A\.\d+\.\d+|\d+\.\d+)$/);
      expect(NOT_DECIDED.has(path)).toBe(false);
    }
  });

  it('decide each of the codes’ attributes', () => {
    const code: ReadDataset = new Map();
    const required = (keyword: string): boolean | undefined =>
      CONDITIONS.get(`code/${keyword}`)?.required({ item: code, root: code, kind: 'report' });
    expect(['CodeValue', 'LongCodeValue', 'CodingSchemeDesignator'].map(required)).toEqual([
      true,
      true,
      false,
    ]);
  });
});

it('the tables name their edition, and hold every module that Situs says it writes', () => {
  expect(EDITION).toMatch(/^DICOM PS3\.3.* 20\d\d[a-e]/);
  for (const kind of OBJECT_KINDS) {
    const held = new Set([...RULES[kind].values()].flatMap((rules) => [...rules.values()]));
    const names = new Set([...held].map(({ module }) => module));
    expect(names.size).toBeGreaterThanOrEqual(KINDS[kind].written.length + 6);
  }
});
