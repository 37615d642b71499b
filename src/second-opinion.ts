import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fault } from './contracts/index.ts';
import { SEG_CLASSES } from './results/index.ts';

/** A line of dciodvfy that is a false alarm, with the reason. */
interface AllowedLine {
  readonly line: RegExp;
  readonly reason: string;
  /** Only where the object is a label map or names one. */
  readonly labelMaps?: true;
}

/** The one list of lines of dciodvfy that say nothing against an object; tests and `situs doctor` use it. */
const DCIODVFY_ALLOWED: readonly AllowedLine[] = [
  {
    line: /CodingSchemeDesignator.*Unrecognized defined term = <99SITUS>/,
    reason: 'a private scheme, declared in CodingSchemeIdentificationSequence (PS3.16 8.2)',
  },
  {
    line: /ContributingEquipmentSequence.*DeviceUID.*Attribute is not present in standard DICOM IOD/,
    reason: 'Device UID came into the sequence in 2017; this dciodvfy has older tables',
  },
  {
    line: /RequestingService.*not present in standard DICOM IOD/,
    reason: 'in the General Study module of current editions; copied from the source',
  },
  {
    line: /Missing attribute or value that would be needed to build DICOMDIR/,
    reason: 'type 2 attributes that the source leaves empty stay empty; results never invent them',
  },
  {
    line: /^Error - Information Object Not found$/,
    reason: 'Label Map Segmentation is of 2024; older tables than that do not have it',
    labelMaps: true,
  },
  {
    line: /SegmentNumber not monotonically increasing from one by one/,
    reason: 'segments of a label map have the values of its pixels, from 0 on (PS3.3 C.8.20.4)',
    labelMaps: true,
  },
  {
    line: /ReferencedSegmentNumber.*Shall not be present for Referenced SOP Class that is not segmentation/,
    reason: 'the segment of a label map, whose class it does not know as a segmentation',
    labelMaps: true,
  },
  {
    line: /^(Segmentation|Comprehensive3DSR|KeyObjectSelectionDocument|MultiframeTrueColorSCImage)$/,
    reason: 'the name of the object, printed first',
  },
];

/**
 * The lines of an output of dciodvfy that are no false alarms.
 * @param ofLabelMaps whether the object is a label map or names one.
 */
export function dciodvfyComplaints(output: string, ofLabelMaps = false): string[] {
  const allowed = DCIODVFY_ALLOWED.filter(({ labelMaps }) => ofLabelMaps || labelMaps !== true);
  return output
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !allowed.some(({ line: known }) => known.test(line)));
}

/** Whether an object is a label map or names one, as the report on it does. */
export function namesLabelMap(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes(
    SEG_CLASSES.LABELMAP,
  );
}

const TIME_LIMIT_MS = 60_000;
const MOST_OUTPUT = 1 << 28;

/** Where a tool is on the PATH; null when it is not. */
export function findTool(tool: string): Promise<string | null> {
  return new Promise((resolve) => {
    execFile('which', [tool], (error, stdout) => resolve(error === null ? stdout.trim() : null));
  });
}

/**
 * What dciodvfy says against a DICOM file, false alarms left out. It ends with status 1 when it found an
 * error, so that only its lines are looked at.
 * @throws SitusError SECOND_OPINION_FAILED (fault) when it cannot be run, or does not end.
 */
export function askDciodvfy(path: string, ofLabelMaps: boolean): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const options = { timeout: TIME_LIMIT_MS, maxBuffer: MOST_OUTPUT };
    execFile('dciodvfy', ['-new', path], options, (error, stdout, stderr) => {
      if (error === null || typeof error.code === 'number') {
        resolve(dciodvfyComplaints(`${stdout}\n${stderr}`, ofLabelMaps));
        return;
      }
      const ended = error.signal ?? error.code ?? 'unknown';
      reject(fault('SECOND_OPINION_FAILED', `dciodvfy ended with ${ended} on ${path}.`, {}, error));
    });
  });
}

/** The same for an object that is no file yet. */
export async function askDciodvfyAbout(bytes: Uint8Array): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'situs-dicom-'));
  try {
    const path = join(folder, 'object.dcm');
    await writeFile(path, bytes);
    return await askDciodvfy(path, namesLabelMap(bytes));
  } finally {
    await rm(folder, { recursive: true });
  }
}
