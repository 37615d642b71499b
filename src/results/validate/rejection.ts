import { EXPLICIT_LITTLE_ENDIAN } from '../dicom/file.ts';
import { itemOf, itemsOf, readDicom, textOf, type ReadDataset } from '../read/dataset.ts';
import { readCode } from '../read/segmentation.ts';
import { sameCode } from '../codes.ts';
import { REJECTION_TITLES, type RejectionInput } from '../rejection/encode.ts';
import { isImage } from '../images.ts';
import { checkCopied, checkKind, checkMeta, referencedInstance } from './common.ts';
import { ValidationReport, type ValidationFinding } from './report.ts';
import { rejectionTemplate } from './template.ts';
import { checkTree } from './tree.ts';

/**
 * Checks a rejection note against the standard's tables (PS3.3 A.35.4), its template (PS3.16 TID 2010)
 * and what it was to say: the reason, the patient and the study of what it rejects, and each rejected
 * instance once in the tree and once in the evidence, in its own series. A note that names another
 * instance would hide what nobody withdrew.
 * @param input what the note was encoded from.
 * @throws SitusError UNREADABLE_DICOM (refuse).
 */
export function validateRejection(bytes: Uint8Array, input: RejectionInput): ValidationFinding[] {
  const { rejected, studyInstanceUid } = input;
  const report = new ValidationReport([
    studyInstanceUid,
    ...rejected.flatMap((one) => [one.seriesInstanceUid, one.sopInstanceUid]),
  ]);
  const file = readDicom(bytes);
  const { dataset } = file;
  checkKind(
    file,
    studyInstanceUid,
    {
      modality: 'KO',
      kind: 'rejection',
      transferSyntaxes: [EXPLICIT_LITTLE_ENDIAN],
    },
    report,
  );
  checkIdentity(dataset, input, report);
  checkMeta(file, report);
  checkCopied(dataset, input.dataset, report);
  const images = rejected.map(({ sopClassUid }) => isImage(sopClassUid));
  checkTree(dataset, '2010', rejectionTemplate(images), report);
  checkRejected(dataset, input, report);
  return report.findings;
}

/** The note says why, and is none of what it rejects. */
function checkIdentity(
  dataset: ReadDataset,
  input: RejectionInput,
  report: ValidationReport,
): void {
  const title = readCode(dataset, 'ConceptNameCodeSequence');
  report.expect(
    title !== null && sameCode(title, REJECTION_TITLES[input.reason]),
    'title',
    'ConceptNameCodeSequence',
    `The title is ${title?.meaning ?? 'missing'}, not ${REJECTION_TITLES[input.reason].meaning}.`,
  );
  const own = ['SeriesInstanceUID', 'SOPInstanceUID'].map((keyword) => textOf(dataset, keyword));
  const taken = input.rejected.flatMap((one) => [one.seriesInstanceUid, one.sopInstanceUid]);
  report.expect(
    !own.some((uid) => uid !== null && taken.includes(uid)),
    'uid-reused',
    'SOPInstanceUID',
    'The note has a UID of what it rejects.',
  );
}

/** Tree and evidence name exactly what is rejected, by class and series. */
function checkRejected(
  dataset: ReadDataset,
  { rejected, studyInstanceUid }: RejectionInput,
  report: ValidationReport,
): void {
  const inTree = itemsOf(dataset, 'ContentSequence').flatMap((item) =>
    itemsOf(item, 'ReferencedSOPSequence').map(referencedInstance),
  );
  const wanted = rejected.map((one) => `${one.sopClassUid} ${one.sopInstanceUid}`);
  equalSets(inTree, wanted, 'ContentSequence', report);
  const path = 'CurrentRequestedProcedureEvidenceSequence';
  const study = itemOf(dataset, path);
  report.expect(
    itemsOf(dataset, path).length === 1 && textOf(study, 'StudyInstanceUID') === studyInstanceUid,
    'evidence',
    path,
    'The evidence must be of the one study of what is rejected.',
  );
  const evidence = itemsOf(study, 'ReferencedSeriesSequence').flatMap((series) =>
    itemsOf(series, 'ReferencedSOPSequence').map(
      (item) => `${textOf(series, 'SeriesInstanceUID') ?? ''} ${referencedInstance(item)}`,
    ),
  );
  const placed = rejected.map(
    (one) => `${one.seriesInstanceUid} ${one.sopClassUid} ${one.sopInstanceUid}`,
  );
  equalSets(evidence, placed, path, report);
}

function equalSets(
  found: readonly string[],
  wanted: readonly string[],
  path: string,
  report: ValidationReport,
): void {
  const once = new Set(found);
  report.expect(once.size === found.length, 'rejected', path, 'An instance is named twice.');
  const expected = new Set(wanted);
  for (const one of expected) {
    if (!once.has(one))
      report.error('rejected', path, `What is to be rejected is missing: ${one}.`);
  }
  for (const one of once) {
    if (!expected.has(one)) report.error('rejected', path, `What nobody rejects is named: ${one}.`);
  }
}
