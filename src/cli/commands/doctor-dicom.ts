import { readFile } from 'node:fs/promises';
import { exampleObjects } from '../../conformance/index.ts';
import { refuse, SitusError, type Structure } from '../../contracts/index.ts';
import { askDciodvfy, askDciodvfyAbout, findTool, namesLabelMap } from '../../second-opinion.ts';

/** Of each object, so that a broken one does not flood the screen. */
const SHOWN_LINES = 10;

/**
 * What dciodvfy says of the objects that this installation writes: an example segmentation, report,
 * rejection note and pictures. It does not know label maps.
 * @throws SitusError SECOND_OPINION (fault) when it finds an error.
 */
export async function examplesJudged(structures: readonly Structure[]): Promise<string> {
  const tool = await findTool('dciodvfy');
  if (tool === null) return 'not installed (optional: a second opinion on results)';
  const { binary, report, rejection, capture } = exampleObjects('mr', structures);
  const objects = { segmentation: binary, report, 'rejection note': rejection, pictures: capture };
  const warnings: string[] = [];
  for (const [name, bytes] of Object.entries(objects)) {
    warnings.push(...judged(`example ${name}`, await askDciodvfyAbout(bytes)));
  }
  return `${tool}, no error in an example ${Object.keys(objects).join(', ')}${listed(warnings)}`;
}

/**
 * What dciodvfy says of a file.
 * @throws SitusError FILE_NOT_FOUND, NO_SECOND_OPINION (refuse), SECOND_OPINION (fault) with its errors.
 */
export async function fileJudged(path: string): Promise<string> {
  if ((await findTool('dciodvfy')) === null) {
    throw refuse(
      'NO_SECOND_OPINION',
      'dciodvfy is not installed, so nothing can be asked about DICOM files.',
      'Install dicom3tools and look again.',
    );
  }
  const bytes = await readFile(path).catch((error: unknown) => {
    throw refuse('FILE_NOT_FOUND', `${path} cannot be read.`, 'Name another file.', {}, error);
  });
  const ofLabelMaps = namesLabelMap(bytes);
  const warnings = judged(path, await askDciodvfy(path, ofLabelMaps));
  const but = ofLabelMaps ? ', which knows little of label maps' : '';
  return `no error by dciodvfy${but}${listed(warnings)}`;
}

/** The warnings among the lines. */
function judged(what: string, lines: readonly string[]): string[] {
  const errors = lines.filter((line) => !line.startsWith('Warning'));
  if (errors.length === 0) return lines.map((line) => `${what}: ${line}`);
  throw new SitusError({
    code: 'SECOND_OPINION',
    message: `dciodvfy finds errors in ${what}${listed(errors)}`,
    next: 'If Situs wrote this object, report these lines with the versions of Situs and dicom3tools.',
    errorClass: 'fault',
    origin: 'input',
    details: { lines },
  });
}

function listed(lines: readonly string[]): string {
  if (lines.length === 0) return '';
  const more = lines.length > SHOWN_LINES ? [`and ${lines.length - SHOWN_LINES} more`] : [];
  return [':', ...lines.slice(0, SHOWN_LINES), ...more].join('\n        ');
}
