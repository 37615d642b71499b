import { join } from 'node:path';
import fc from 'fast-check';
import { loadRules, loadSequences } from '../../../src/config/index.ts';
import type { HeaderAttributes, Rule, StudyHeaders } from '../../../src/contracts/index.ts';
import type { DecidedStudy } from '../../../src/records/index.ts';
import type { ReplayBy } from '../../../src/replay/index.ts';
import { judgedBy } from '../../../src/replay/inbox/page.ts';
import { generatedStudy, SKETCHES } from '../../support/decided-studies.ts';

const CONFIG = join(import.meta.dirname, '..', '..', '..', 'config');

/** The shipped definitions with the shipped rules, or with others. */
export async function shipped(rules?: readonly Rule[]): Promise<ReplayBy> {
  const sequences = await loadSequences(join(CONFIG, 'sequences.yaml'));
  const loaded = await loadRules(join(CONFIG, 'rules.yaml'));
  return {
    rules: rules === undefined ? loaded.value : { rules },
    rulesVersion: 'r',
    sequences: sequences.value,
    sequencesVersion: 's',
  };
}

/** A study as the record gives it, decided by these rules. */
export function recorded(headers: StudyHeaders, by: ReplayBy): DecidedStudy {
  const { targets, verdicts } = judgedBy(headers, [], by).decision;
  return {
    headers: JSON.stringify(headers),
    targets: JSON.stringify(targets),
    verdicts: JSON.stringify(verdicts),
    earlier: '[]',
  };
}

type Sketch = Parameters<typeof generatedStudy>[0][number];

/** The series of a sketch with other attributes; null takes one away. */
export function sketch(
  { slices, spacing, attributes }: Sketch,
  change: Readonly<Record<string, string | number | null>>,
): Sketch {
  const changed: HeaderAttributes = Object.fromEntries(
    Object.entries({ ...attributes, ...change }).filter(
      (entry): entry is [string, string | number] => entry[1] !== null,
    ),
  );
  return { slices, spacing, attributes: changed };
}

/** Says nothing of itself but that it is an MR of the abdomen. */
export const NAMELESS: Sketch = {
  slices: 30,
  spacing: 5,
  attributes: {
    Modality: 'MR',
    BodyPartExamined: 'ABDOMEN',
    Manufacturer: 'ACME',
    ImageType: ['ORIGINAL', 'PRIMARY'],
  },
};

const names = fc.oneof(
  fc.constantFrom(
    '$liver',
    '/x/i',
    '> 5',
    '3',
    '1..2',
    '07:00-19:00',
    'true',
    'Skyra (1.5)',
    "O'N [#]",
  ),
  fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 16 }),
);
const maybe = (value: fc.Arbitrary<string | number>) => fc.option(value, { freq: 5, nil: null });

/** A series of any kind of the sketches, from any scanner, with any suffix to its description. */
const series: fc.Arbitrary<Sketch> = fc
  .record({
    of: fc.constantFrom(...Object.values(SKETCHES), NAMELESS),
    station: maybe(names),
    model: maybe(names),
    field: maybe(fc.constantFrom(0.35, 1.5, 1.494, 2.89, 3, 30000)),
    suffix: fc.oneof(fc.constantFrom('', '_320', ' 2.5 mm', ' 384'), names),
  })
  .map(({ of, station, model, field, suffix }) => {
    const described: HeaderAttributes = of.attributes;
    const description = described['SeriesDescription'];
    return sketch(of, {
      StationName: station,
      ManufacturerModelName: model,
      MagneticFieldStrength: field,
      SeriesDescription: typeof description === 'string' ? `${description}${suffix}` : null,
    });
  });

export const studies: fc.Arbitrary<readonly StudyHeaders[]> = fc.array(
  fc.array(series, { minLength: 1, maxLength: 5 }).map((sketches) => generatedStudy(sketches)),
  { minLength: 1, maxLength: 4 },
);

const SEGMENT = {
  segment: { model: 'demo', folds: 'all' },
  store: { seg: 'binary', sr: true, to: 'main' },
} as const;

/** Some rules that take, leave or end, in any order. */
export const ruleSets: fc.Arbitrary<readonly Rule[]> = fc.shuffledSubarray([
  { name: 'in phase', when: { sequence: 't1_in_phase', confidence: '>= 0.8' }, ...SEGMENT },
  {
    name: 'one HASTE',
    when: { sequence: 'haste', fieldStrength: '> 2' },
    choose: { prefer: ['most-coverage'], most: 1 },
    ...SEGMENT,
  },
  { name: 'not at 1.5 T', when: { fieldStrength: '1.4..1.6', sequence: 'haste' }, leave: 'no' },
  {
    name: 'diffusion ends it',
    when: { sequence: 'dwi', station: '/[aeiou]/' },
    leave: 'no',
    stop: true,
  },
] satisfies Rule[]);
