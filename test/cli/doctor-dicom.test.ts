import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { examplesJudged } from '../../src/cli/commands/doctor-dicom.ts';
import { exampleObjects } from '../../src/conformance/index.ts';
import { encodeSeg, encodeSr } from '../../src/results/index.ts';
import { dciodvfyComplaints } from '../../src/second-opinion.ts';
import { runCli } from '../support/cli.ts';
import { haveTool } from '../support/dciodvfy.ts';
import { altered } from '../support/dicom-objects.ts';
import { makeFindings, makeResultInput } from '../support/results.ts';
import { STRUCTURE_NAMES, STRUCTURES } from '../support/structures.ts';
import { makeLabels, makeVolume } from '../support/volume.ts';

describe('the allow-list of dciodvfy', () => {
  it('lets known false alarms pass and nothing else', () => {
    const error = 'Error - </SegmentSequence(0062,0002)> - Missing attribute for Type 1';
    const known = 'Warning - Missing attribute or value that would be needed to build DICOMDIR - x';
    expect(dciodvfyComplaints(`Segmentation\n${known}\n  ${error}\n\n`)).toEqual([error]);
  });
});

describe('what dciodvfy does not know of label maps', () => {
  const lines = ['Error - Information Object Not found', 'Error - </PatientID(0010,0020)> - x'];

  it('lets pass in them alone', () => {
    expect(dciodvfyComplaints(lines.join('\n'), true)).toEqual(lines.slice(1));
    expect(dciodvfyComplaints(lines.join('\n'))).toEqual(lines);
  });
});

describe('situs doctor and dciodvfy', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'situs-doctor-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  async function file(name: string, bytes: Uint8Array): Promise<string> {
    const path = join(folder, name);
    await writeFile(path, bytes);
    return path;
  }

  it('says what to do where the tool is not installed', async () => {
    const path = await file('seg.dcm', exampleObjects('ct', STRUCTURES).binary);
    const { code, out } = await runCli(['doctor', '--dicom', path], { env: { PATH: folder } });
    expect(code).not.toBe(0);
    expect(out).toContain('NO_SECOND_OPINION');
    expect(out).toContain('Install dicom3tools');
  });

  if (haveTool('dciodvfy')) {
    it('finds nothing against the example objects', async () => {
      expect(await examplesJudged(STRUCTURES)).toMatch(
        /dciodvfy, no error in an example segmentation, report, rejection note, pictures$/,
      );
    });

    it('finds nothing against a label map and its report, and says how little it knows of it', async () => {
      const volume = makeVolume({});
      const labels = makeLabels(volume, STRUCTURE_NAMES, (column) => column % 3);
      const input = { ...makeResultInput(volume, labels), encoding: 'LABELMAP' as const };
      const segmentation = encodeSeg(input);
      const report = encodeSr({ ...input, findings: makeFindings(volume, labels), segmentation });
      const paths = [
        await file('map.dcm', segmentation.bytes),
        await file('map-report.dcm', report.bytes),
      ];
      const { code, out } = await runCli(['doctor', '--dicom', ...paths]);
      for (const path of paths) {
        expect(out).toContain(
          `ok    ${path}: no error by dciodvfy, which knows little of label maps`,
        );
      }
      expect(code).toBe(0);
    });

    it('tells a sound file from a broken one, and ends with an exit code', async () => {
      const { binary } = exampleObjects('ct', STRUCTURES);
      const sound = await file('sound.dcm', binary);
      const broken = await file(
        'broken.dcm',
        altered(binary, (set) => delete set['00620002']),
      );
      const good = await runCli(['doctor', '--dicom', sound]);
      expect(good.out).toContain(`ok    ${sound}: no error by dciodvfy`);
      expect(good.code).toBe(0);
      const bad = await runCli(['doctor', '--dicom', sound, broken, join(folder, 'none.dcm')]);
      expect(bad.out).toContain(`FAIL  ${broken}: SECOND_OPINION`);
      expect(bad.out).toMatch(/Error.*SegmentSequence/);
      expect(bad.out).toContain('FILE_NOT_FOUND');
      expect(bad.code).not.toBe(0);
    });
  }
});
