import type { Code, Structure } from '../contracts/index.ts';
import { VOLUME_MODALITY } from '../contracts/index.ts';
import { CHARACTER_SETS_READ, TRANSFER_SYNTAXES_READ } from '../imaging/index.ts';
import {
  CODES,
  COMPREHENSIVE_3D_SR_STORAGE,
  COPIED_KEYWORDS,
  EDITION,
  EXPLICIT_LITTLE_ENDIAN,
  KEY_OBJECT_SELECTION_STORAGE,
  readDicom,
  RLE_LOSSLESS,
  SEG_CLASSES,
  textOf,
  TRUE_COLOUR_CAPTURE,
  type ObjectKind,
} from '../results/index.ts';
import { airChapter } from './air.ts';
import { attributeRows } from './attributes.ts';
import { exampleObjects, type ExampleObjects } from './example.ts';
import { quoted, table } from './markdown.ts';
import { recordServices, type ServiceUse } from './services.ts';
import { codeText, rejectionTree, reportTree } from './templates.ts';
import { uidName } from './uid-names.ts';

/** SOP classes of results and the transfer syntaxes they are written in. */
const WRITTEN: readonly (readonly [string, readonly string[]])[] = [
  [SEG_CLASSES.BINARY, [EXPLICIT_LITTLE_ENDIAN]],
  [SEG_CLASSES.LABELMAP, [EXPLICIT_LITTLE_ENDIAN, RLE_LOSSLESS]],
  [COMPREHENSIVE_3D_SR_STORAGE, [EXPLICIT_LITTLE_ENDIAN]],
  [KEY_OBJECT_SELECTION_STORAGE, [EXPLICIT_LITTLE_ENDIAN]],
  [TRUE_COLOUR_CAPTURE, [EXPLICIT_LITTLE_ENDIAN]],
];

const KINDS: readonly (readonly [ObjectKind, string])[] = [
  ['binary', SEG_CLASSES.BINARY],
  ['labelMap', SEG_CLASSES.LABELMAP],
  ['report', COMPREHENSIVE_3D_SR_STORAGE],
  ['rejection', KEY_OBJECT_SELECTION_STORAGE],
  ['capture', TRUE_COLOUR_CAPTURE],
];

/**
 * The DICOM conformance statement as Markdown, in the order of PS3.2. What Situs asks of an archive is
 * heard from its client, what it writes is read from objects that its encoders made, and the lists are
 * those that the code works by.
 */
export async function conformanceStatement(structures: readonly Structure[]): Promise<string> {
  const examples = [exampleObjects('ct', structures), exampleObjects('mr', structures)];
  const [first] = examples;
  if (first === undefined) return '';
  const uid = textOf(readDicom(first.binary).dataset, 'SOPInstanceUID') ?? '';
  const services = await recordServices(first.binary, uid);
  return `${[
    '# DICOM conformance statement',
    'Written by `node src/conformance/write.ts` from the code that reads and writes; a test fails when it is out of date. Change the code, not this page.',
    ...overview(),
    ...network(services),
    ...encodings(),
    ...security(),
    '## Annex A: attributes of what is written',
    `Types are those of ${EDITION}; the validator checks them, with their conditions, before anything is sent, and refuses what no module has. Where two modules of the IOD have an attribute, the stricter type is shown. "Fixed" is what two examples from different sources both hold, "copied" what is the source's to the letter, "generated" what is made for the object. \`>\` is an item of the sequence above. Attributes of patient and study that are copied where the source has them are listed once, at the end.`,
    ...KINDS.flatMap(([kind, sopClass]) => attributes(kind, sopClass, examples)),
    '### Copied into every object where the source has them',
    COPIED_KEYWORDS.map(quoted).join(', '),
    '## Annex B: content trees',
    'The validator checks each report and each note against these rows, in this order.',
    `### Report: TID 1500, root ${codeText(CODES.measurementReport)}`,
    reportTree(),
    `### Rejection note: TID 2010, root ${codeText(CODES.rejectedForQuality)} or ${codeText(CODES.rejectedForSafety)}`,
    rejectionTree(),
    ...codes(structures),
    ...airChapter(readDicom(first.binary).dataset, readDicom(first.report).dataset),
  ].join('\n\n')}\n`;
}

function overview(): string[] {
  return [
    '## 1 Overview',
    'Situs is a node between an archive and itself: it finds CT and MR studies in a DICOMweb archive, retrieves the series its rules choose, segments them, and stores segmentations and a measurement report in the same study. It is a user of DICOMweb services and provides none. By rule it stores pictures beside the segmentation, for viewers that show none. It withdraws results by rejection notes.',
    'Every object is checked before it is sent, by rules of Situs’s own; one that fails is held and never stored. Where `dciodvfy` (dicom3tools) is on the PATH, `situs doctor` asks it about an example of each kind, and `situs doctor --dicom FILE...` about files, for instance results retrieved from the archive. Its false alarms are left out, each for a reason that stands beside it in the code; it knows little of label maps.',
    table(
      ['SOP class', 'UID', 'Reads', 'Writes'],
      [
        ...Object.keys(VOLUME_MODALITY).map((uid) => [uidName(uid), uid, 'yes', '']),
        ...WRITTEN.map(([uid]) => [
          uidName(uid),
          uid,
          uid === KEY_OBJECT_SELECTION_STORAGE ? '' : 'its own, to compare with what was stored',
          'yes',
        ]),
      ],
    ),
  ];
}

function network(services: readonly ServiceUse[]): string[] {
  return [
    '## 2 Networking',
    'DICOMweb (PS3.18) over HTTP/1.1, role: user agent. There are no DIMSE services and no listener for them. These are all requests that its client has, below the base URL of the archive as configured; UIDs, offsets and boundaries are replaced by names in braces.',
    ...services.flatMap(({ purpose, requests }) => [
      `### ${purpose}`,
      table(
        ['Request', 'Headers'],
        requests.map(({ method, path, headers }) => [
          quoted(`${method} ${path}`),
          Object.entries(headers)
            .map(([name, value]) => quoted(`${name}: ${value}`))
            .join('<br>'),
        ]),
      ),
    ]),
    'A search goes on page by page until one is empty or brings nothing new. Rows that contradict the query are left out. Whether an instance was stored is decided by what the archive shows afterwards, not by the status alone; a repeated request does no harm. Instances go in requests below `limits.storeSize` of the archive’s entry, a larger one alone; a request of several that is refused as too large (413) is halved. Of the store instances response, Referenced SOP Sequence, Failed SOP Sequence and Other Failures Sequence are read, with Warning Reason, Failure Reason and, where a server has them, Error Comments; of the answer also its Warning header. What is said against an instance that was stored is kept with the result. Each result is retrieved again: pixel data and every element but those of patient and study, private elements and the archive’s own book-keeping must be those that were sent; another transfer syntax that is read here (Implicit VR Little Endian, RLE Lossless of 8 bits) is recorded, any other fails the job.',
    '## 3 Media storage',
    'None. `situs segment` reads DICOM files (PS3.10) from folders and writes such files, but neither reads nor writes a DICOMDIR.',
  ];
}

function encodings(): string[] {
  const syntax = (uid: string): string => `${uidName(uid)} (${uid})`;
  return [
    '## 4 Transfer syntaxes',
    'Images are asked for as they are stored (`transfer-syntax=*`) and decoded from:',
    table(
      ['Transfer syntax', 'UID'],
      TRANSFER_SYNTAXES_READ.toSorted(byNumbers).map((uid) => [uidName(uid), uid]),
    ),
    'Results are written in:',
    table(
      ['SOP class', 'Transfer syntaxes'],
      WRITTEN.map(([uid, syntaxes]) => [uidName(uid), syntaxes.map(syntax).join('<br>')]),
    ),
    '## 5 Character sets',
    `Everything is written in \`ISO_IR 192\` (UTF-8). Text is read in the default repertoire, ${CHARACTER_SETS_READ.map(quoted).join(', ')} (the terms without \`ISO_IR\` or \`ISO 2022 IR\`), with the code extensions of ISO 2022. Text that names no or an unknown set is read as UTF-8, or as Latin-1 where it is none.`,
  ];
}

function security(): string[] {
  return [
    '## 6 Security',
    'HTTPS with the public certificate authorities and those of the configuration; certificates are always checked. The archive is told who asks by HTTP Basic, a bearer token, or headers of the configuration. Redirects are not followed, so that credentials go to the configured address only. What an archive sends is bounded in length, nesting and size before it is used.',
  ];
}

function attributes(
  kind: ObjectKind,
  sopClass: string,
  examples: readonly ExampleObjects[],
): string[] {
  const rows = attributeRows({
    kind,
    objects: examples.map((one) => readDicom(one[kind]).dataset),
    sources: examples.map(({ volume }) => volume),
  });
  return [
    `### ${uidName(sopClass)}`,
    table(
      ['Attribute', 'Tag', 'VR', 'Type', 'Module', 'Value'],
      rows.map(({ depth, keyword, tag, vr, type, module, value }) => [
        `${'>'.repeat(depth)}${keyword}`,
        tag,
        vr,
        type,
        module,
        value,
      ]),
    ),
  ];
}

function codes(structures: readonly Structure[]): string[] {
  return [
    '## Annex C: codes',
    'Every concept that Situs writes. Those of the scheme 99SITUS are its own and are named in Coding Scheme Identification Sequence.',
    table(
      ['Code', 'Scheme', 'Meaning'],
      Object.values<Code>(CODES).map(({ value, scheme, meaning }) => [
        quoted(value),
        scheme,
        meaning,
      ]),
    ),
    'The structures as shipped (`config/structures.json`); a site can add its own. "Unconfirmed" codes were seen in one public mapping only.',
    table(
      ['No.', 'Structure', 'Type', 'Side', 'Category', ''],
      structures.map(({ index, name, type, laterality, category, verified }) => [
        String(index),
        name,
        codeText(type),
        laterality === null ? '' : codeText(laterality),
        codeText(category),
        verified ? '' : 'unconfirmed',
      ]),
    ),
  ];
}

function byNumbers(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}
