import { CODES, itemsOf, tagText, textOf, type ReadDataset } from '../results/index.ts';
import { table } from './markdown.ts';
import { codeText } from './templates.ts';

/** What of IHE AI Results (AIR) is done, with the attributes as an example holds them. */
export function airChapter(segmentation: ReadDataset, report: ReadDataset): string[] {
  return [
    '## Annex D: IHE AI Results (AIR)',
    'Actor: Evidence Creator. **Not verified against the profile itself**: what follows was built from an independent study that quotes AIR Rev. 1.3 (2025), for the text of the profile was not at hand. No connectathon and no test tool of IHE was run. Read it as what Situs does, not as an integration statement.',
    table(
      ['Topic', 'In Situs'],
      [
        ['Segmentations as DICOM SEG', 'yes, BINARY; label maps by rule'],
        [
          'Measurements as TID 1500 reports',
          'yes, one group of TID 1411 a structure; TID 1501 where no segmentation is stored',
        ],
        [
          'Each algorithm named in Contributing Equipment',
          `yes, with purpose ${codeText(CODES.processingEquipment)}, in every segmentation and report`,
        ],
        [
          'Device UID of the algorithm',
          'yes, derived from the hash of the weights: other weights, other UID; the same on every host',
        ],
        [
          'Names equal to those of the report',
          'yes, see below; the validator holds back results without them',
        ],
        [
          'Tracking identifiers',
          'the same in segment and measurement group, and kept over re-runs',
        ],
        [
          'Findings as regions or points in space (TID 1410, SCOORD3D)',
          'not written: structures are segments',
        ],
        ['Parametric maps', 'not written'],
        [
          'Key Object Selection of findings',
          'not written; Key Object Selection serves withdrawal only',
        ],
        [
          'Withdrawal (IOCM)',
          `rejection notes titled ${codeText(CODES.rejectedForQuality)} or ${codeText(CODES.rejectedForSafety)}; whether the archive hides what is rejected is looked at and said`,
        ],
        ['Worklists of AI tasks (AIW-I, UPS-RS)', 'not supported'],
      ],
    ),
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
