import { CODES } from '../codes.ts';
import { attributeAt } from '../dicom/dictionary.ts';
import { numberProblem, NUMBER_RULES, textProblem, isTextVr } from '../dicom/values.ts';
import { itemOf, textOf, type ReadDataset, type ReadElement } from '../read/dataset.ts';
import { isEmpty } from './modules.ts';
import { under, type ValidationReport } from './report.ts';

/** How many values the attributes have that Situs gives a fixed number of (PS3.6). */
const MULTIPLICITY: Readonly<Record<string, number>> = {
  ImageType: 2,
  ImageOrientationPatient: 6,
  ImagePositionPatient: 3,
  PixelSpacing: 2,
  RecommendedDisplayCIELabValue: 3,
  SliceThickness: 1,
  SpacingBetweenSlices: 1,
  NumericValue: 1,
  SegmentNumber: 1,
  Rows: 1,
  Columns: 1,
  NumberOfFrames: 1,
};

/** Every value has the VR of the dictionary and obeys it, everywhere in the data set. */
export function checkValues(dataset: ReadDataset, report: ValidationReport, path = ''): void {
  for (const [keyword, element] of dataset) {
    const where = under(path, keyword);
    const known = attributeAt(element.tag);
    if (known === null) {
      report.error('unknown-attribute', where, 'Situs writes no private or unknown attributes.');
      continue;
    }
    if (known.vr !== element.vr) {
      report.error(
        'wrong-vr',
        where,
        `${keyword} is ${element.vr}, the dictionary says ${known.vr}.`,
      );
    }
    const expected = MULTIPLICITY[keyword];
    if (expected !== undefined && element.values.length !== expected && !isEmpty(element)) {
      const message = `${keyword} has ${element.values.length} values, not ${expected}.`;
      report.error('wrong-multiplicity', where, message);
    }
    checkElement(keyword, element, where, isScanner(dataset, path), report);
    element.items.forEach((item, index) => checkValues(item, report, `${where}[${index + 1}]`));
  }
}

function checkElement(
  keyword: string,
  { vr, values }: ReadElement,
  path: string,
  verbatim: boolean,
  report: ValidationReport,
): void {
  for (const value of values) {
    const problem =
      typeof value === 'number'
        ? vr in NUMBER_RULES
          ? numberProblem(vr, value)
          : null
        : isTextVr(vr)
          ? textProblem(vr, value)
          : null;
    if (problem === null) continue;
    const message = `A value of ${keyword} ${problem}.`;
    if (verbatim) report.warning('invalid-value', path, message);
    else report.malformed('invalid-value', path, message, value);
  }
}

/** The scanner's own words in Contributing Equipment are copied, right or wrong. */
function isScanner(item: ReadDataset, path: string): boolean {
  if (!path.startsWith('ContributingEquipmentSequence')) return false;
  const purpose = textOf(itemOf(item, 'PurposeOfReferenceCodeSequence'), 'CodeValue');
  return purpose === CODES.acquisitionEquipment.value;
}

/** Every code is complete and has one meaning throughout; those of Situs have the one it defines. */
export function checkCodes(dataset: ReadDataset, report: ValidationReport): void {
  const meanings = new Map<string, string>(
    Object.values(CODES).map(({ value, scheme, meaning }) => [`${value}, ${scheme}`, meaning]),
  );
  visitCodes(dataset, '', (item, path) => {
    const value = textOf(item, 'CodeValue') ?? textOf(item, 'LongCodeValue');
    const scheme = textOf(item, 'CodingSchemeDesignator');
    const meaning = textOf(item, 'CodeMeaning');
    if (value === null || scheme === null || meaning === null) {
      report.malformed('incomplete-code', path, 'A code lacks its value, scheme or meaning.');
      return;
    }
    const name = `${value}, ${scheme}`;
    const known = meanings.get(name);
    if (known === undefined) meanings.set(name, meaning);
    else if (known !== meaning) {
      const message = `(${name}) is called "${meaning}" here and "${known}" elsewhere.`;
      report.malformed('code-meaning', path, message);
    }
  });
}

function visitCodes(
  dataset: ReadDataset,
  path: string,
  visit: (item: ReadDataset, path: string) => void,
): void {
  for (const [keyword, { items }] of dataset) {
    items.forEach((item, index) => {
      const where = `${under(path, keyword)}[${index + 1}]`;
      if (keyword.endsWith('CodeSequence')) visit(item, where);
      visitCodes(item, where, visit);
    });
  }
}
