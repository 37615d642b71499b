import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fault } from './contracts/index.ts';

/** A line of dciodvfy that is a false alarm, with the reason. */
interface AllowedLine {
  readonly line: RegExp;
  readonly reason: string;
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
    line: /^(Segmentation|Comprehensive3DSR|KeyObjectSelectionDocument|MultiframeTrueColorSCImage)$/,
    reason: 'the name of the object, printed first',
  },
];

/** The lines of an output of dciodvfy that are no false alarms. */
export function dciodvfyComplaints(output: string): string[] {
  return output
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !DCIODVFY_ALLOWED.some(({ line: known }) => known.test(line)));
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
export function askDciodvfy(path: string): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const options = { timeout: TIME_LIMIT_MS, maxBuffer: MOST_OUTPUT };
    execFile('dciodvfy', ['-new', path], options, (error, stdout, stderr) => {
      if (error === null || typeof error.code === 'number') {
        resolve(dciodvfyComplaints(`${stdout}\n${stderr}`));
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
    return await askDciodvfy(path);
  } finally {
    await rm(folder, { recursive: true });
  }
}
