import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dciodvfyComplaints } from '../../src/second-opinion.ts';

/** Lines of DCMTK's dsrdump that say nothing about the document. */
const DSRDUMP_ALLOWED =
  /VR checker does not support this Specific Character Set: ISO_IR 192|Check for template constraints not yet supported/;

function installed(tool: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${tool}`]).status === 0;
}

/** Whether a tool is on the PATH; prints once that its checks were skipped when it is not. */
export function haveTool(tool: string): boolean {
  const found = installed(tool);
  if (!found) console.warn(`${tool} is not installed: its conformance checks were skipped.`);
  return found;
}

function onFile(
  bytes: Uint8Array,
  tool: string,
  options: readonly string[],
): ReturnType<typeof spawnSync> {
  const folder = mkdtempSync(join(tmpdir(), 'situs-dicom-'));
  try {
    const path = join(folder, 'object.dcm');
    writeFileSync(path, bytes);
    return spawnSync(tool, [...options, path], { encoding: 'utf8', maxBuffer: 1 << 28 });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What dciodvfy says against an object, false alarms left out. */
export function dciodvfy(bytes: Uint8Array): string[] {
  const { stderr, stdout } = onFile(bytes, 'dciodvfy', ['-new']);
  return dciodvfyComplaints(`${String(stdout)}\n${String(stderr)}`);
}

/** What dsrdump says against a report; an exit status other than 0 is a line too. */
export function dsrdump(bytes: Uint8Array): string[] {
  const { status, stderr } = onFile(bytes, 'dsrdump', ['+Pt', '+Pc']);
  const lines = String(stderr)
    .split('\n')
    .filter((line) => line.trim() !== '' && !DSRDUMP_ALLOWED.test(line));
  return status === 0 ? lines : [...lines, `dsrdump ended with status ${status}`];
}

/** What dcm2xml says against an object's encoding. */
export function dcm2xml(bytes: Uint8Array): string[] {
  const { status, stderr } = onFile(bytes, 'dcm2xml', []);
  const lines = String(stderr)
    .split('\n')
    .filter((line) => line.trim() !== '');
  return status === 0 ? lines : [...lines, `dcm2xml ended with status ${status}`];
}
