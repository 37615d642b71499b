import { itemsOf, textOf } from '../../read/dataset.ts';
import type { Condition } from './condition.ts';

type Row = readonly [keyword: string, section: string, ...valueTypes: string[]];

/** Attributes of content items that belong to certain value types (C.17.3, C.18). */
const BY_VALUE_TYPE: readonly Row[] = [
  ['TextValue', 'C.17.3', 'TEXT'],
  ['UID', 'C.17.3', 'UIDREF'],
  ['PersonName', 'C.17.3', 'PNAME'],
  ['Date', 'C.17.3', 'DATE'],
  ['Time', 'C.17.3', 'TIME'],
  ['DateTime', 'C.17.3', 'DATETIME'],
  ['ConceptCodeSequence', 'C.18.2', 'CODE'],
  ['MeasuredValueSequence', 'C.18.1', 'NUM'],
  ['ReferencedSOPSequence', 'C.18.3', 'COMPOSITE', 'IMAGE', 'WAVEFORM'],
  ['GraphicData', 'C.18.6', 'SCOORD', 'SCOORD3D'],
  ['GraphicType', 'C.18.6', 'SCOORD', 'SCOORD3D'],
  ['ReferencedFrameOfReferenceUID', 'C.18.9', 'SCOORD3D'],
  ['TemporalRangeType', 'C.18.7', 'TCOORD'],
  ['ContinuityOfContent', 'C.18.8', 'CONTAINER'],
  ['TabulatedValuesSequence', 'C.18.10', 'TABLE'],
];

/** Coordinates, which no item of Situs's has, and references by identifier instead of containment. */
const NONE = `PixelOriginInterpretation ReferencedDateTime ReferencedSamplePositions
  ReferencedTimeOffsets ReferencedContentItemIdentifier`;

/** Value types whose items have a name; images and other references may go without. */
const NAMED = ['TEXT', 'NUM', 'CODE', 'DATETIME', 'DATE', 'TIME', 'UIDREF', 'PNAME'];

function both(keyword: string, condition: Condition): [string, Condition][] {
  return [keyword, `ContentSequence/${keyword}`].map((path) => [path, condition]);
}

/** Conditions of the root content item and of the items below it, by path. */
export const CONTENT_CONDITIONS: readonly [string, Condition][] = [
  ...BY_VALUE_TYPE.flatMap(([keyword, section, ...types]) =>
    both(keyword, {
      section,
      required: ({ item }) => types.includes(textOf(item, 'ValueType') ?? ''),
      otherwise: 'forbidden',
    }),
  ),
  ...NONE.split(/\s+/).flatMap((keyword) =>
    both(keyword, { section: 'C.17.3', required: () => false, otherwise: 'forbidden' }),
  ),
  ...both('NumericValueQualifierCodeSequence', {
    section: 'C.18.1',
    required: ({ item }) =>
      textOf(item, 'ValueType') === 'NUM' && itemsOf(item, 'MeasuredValueSequence').length === 0,
    otherwise: 'allowed',
  }),
  ...both('ConceptNameCodeSequence', {
    section: 'C.17.3',
    required: ({ item, root }) => item === root || NAMED.includes(textOf(item, 'ValueType') ?? ''),
    otherwise: 'allowed',
  }),
  ...['ContentTemplateSequence', 'ContentSequence'].map((path): [string, Condition] => [
    path,
    { section: 'C.17.3', required: () => true, otherwise: 'allowed' },
  ]),
  ...['RationalNumeratorValue', 'RationalDenominatorValue'].map(
    (keyword, index, pair): [string, Condition] => [
      `ContentSequence/MeasuredValueSequence/${keyword}`,
      {
        section: 'C.18.1',
        required: ({ item }) => item.has(pair[1 - index] ?? ''),
        otherwise: 'allowed',
      },
    ],
  ),
  [
    'ContentSequence/ReferencedSOPSequence/ReferencedWaveformChannels',
    { section: 'C.18.5', required: () => false, otherwise: 'forbidden' },
  ],
];
