import { CODES, itemsOf, tagText, textOf, type ReadDataset } from '../results/index.ts';
import {
  AIR_NOT_WRITTEN,
  AIR_REQUIREMENTS,
  AIR_SOURCES,
  AIR_UNCHECKED,
} from './air-requirements.ts';
import { table } from './markdown.ts';
import { codeText } from './templates.ts';

/** What of IHE AI Results (AIR) is done, with the attributes as an example holds them. */
export function airChapter(segmentation: ReadDataset, report: ReadDataset): string[] {
  return [
    '## Annex D: IHE AI Results (AIR)',
    'Actor: Evidence Creator. **Verified in part only**: the profile’s document was not at hand. Below, each requirement that could be found says where it was read; what could not be read is listed after them. No connectathon and no test tool of IHE was run. Read this as what Situs does, not as an integration statement.',
    table(['Source', 'What it is'], Object.entries(AIR_SOURCES)),
    '### Requirements',
    'Tests are named by file below `test/` and title; a test of the statement fails when one is gone. Code is named by file below `src/`. Before anything is sent, the validator holds back objects that do not name algorithm and node, segments without tracking, and reports that depart from the template; that names are equal is a matter of the encoder and of these tests.',
    table(
      ['Source', 'Requirement', 'In Situs', 'Test'],
      AIR_REQUIREMENTS.map(({ source, requirement, met, test }) => [
        source,
        requirement,
        met,
        test,
      ]),
    ),
    '### Not written',
    table(['Part of the profile', 'Why not'], AIR_NOT_WRITTEN),
    '### Not checked against the text',
    AIR_UNCHECKED.map((part) => `- ${part}`).join('\n'),
    '### Withdrawal',
    `Outside this profile, by IOCM: rejection notes titled ${codeText(CODES.rejectedForQuality)} or ${codeText(CODES.rejectedForSafety)}; whether the archive hides what is rejected is looked at and said.`,
    '### Contributing Equipment Sequence of an example',
    equipmentTable(segmentation),
    'The report holds the same items. The algorithm is named alike in these places:',
    table(
      ['What', 'Contributing Equipment', 'Segment', 'Report'],
      [
        [
          'Name',
          'ManufacturerModelName',
          `AlgorithmName ${tagText(0x00660036)}`,
          codeText(CODES.algorithmName),
        ],
        [
          'Version',
          'SoftwareVersions',
          `AlgorithmVersion ${tagText(0x00660031)}`,
          codeText(CODES.algorithmVersion),
        ],
        [
          'Maker',
          'Manufacturer',
          `AlgorithmSource ${tagText(0x00240202)}`,
          codeText(CODES.algorithmManufacturer),
        ],
      ],
    ),
    `In this example: ${algorithmOf(segmentation, report)}.`,
  ];
}

const KEYWORDS = [
  'Manufacturer',
  'ManufacturerModelName',
  'SoftwareVersions',
  'DeviceSerialNumber',
  'StationName',
  'DeviceUID',
  'ContributionDescription',
];

function equipmentTable(segmentation: ReadDataset): string {
  const items = itemsOf(segmentation, 'ContributingEquipmentSequence');
  const purpose = (item: ReadDataset): string =>
    itemsOf(item, 'PurposeOfReferenceCodeSequence')
      .map((code) => `(${textOf(code, 'CodeValue') ?? ''}, ${textOf(code, 'CodeMeaning') ?? ''})`)
      .join();
  return table(
    ['Attribute', ...items.map((_, index) => `Item ${index + 1}`)],
    [
      ['PurposeOfReferenceCodeSequence', ...items.map(purpose)],
      ...KEYWORDS.map((keyword) => [keyword, ...items.map((item) => textOf(item, keyword))]),
    ],
  );
}

/** The names as segment and report hold them, one beside the other. */
function algorithmOf(segmentation: ReadDataset, report: ReadDataset): string {
  const [segment] = itemsOf(segmentation, 'SegmentSequence');
  const [algorithm] =
    segment === undefined ? [] : itemsOf(segment, 'SegmentationAlgorithmIdentificationSequence');
  const inSegment = ['AlgorithmName', 'AlgorithmVersion', 'AlgorithmSource'].map((keyword) =>
    algorithm === undefined ? null : textOf(algorithm, keyword),
  );
  const wanted: readonly string[] = [
    CODES.algorithmName.value,
    CODES.algorithmVersion.value,
    CODES.algorithmManufacturer.value,
  ];
  const inReport = new Map(
    contentOf(report).flatMap((item) => {
      const [name] = itemsOf(item, 'ConceptNameCodeSequence');
      const value = name === undefined ? null : textOf(name, 'CodeValue');
      return value !== null && wanted.includes(value) ? [[value, textOf(item, 'TextValue')]] : [];
    }),
  );
  const shown = (names: readonly (string | null | undefined)[]): string =>
    names.map((name) => `"${name ?? ''}"`).join(', ');
  return `${shown(inSegment)} in the segments, ${shown(wanted.map((code) => inReport.get(code)))} in the report`;
}

function contentOf(dataset: ReadDataset): ReadDataset[] {
  return itemsOf(dataset, 'ContentSequence').flatMap((item) => [item, ...contentOf(item)]);
}
