import { open, readdir, stat } from 'node:fs/promises';
import { basename, dirname, extname, join, relative, sep } from 'node:path';
import { refuse, systemCode } from '../contracts/index.ts';

export interface LabelFile {
  readonly path: string;
  readonly kind: 'nifti' | 'seg';
  /** Name of the case: the file's without its ending and without words such as `.labels`. */
  readonly name: string;
  /** Folders between the given one and the file. */
  readonly levels: readonly string[];
}

export interface FoundFiles {
  /** Sorted by path. */
  readonly files: readonly LabelFile[];
  /** Files that are no label files. */
  readonly others: readonly string[];
}

/** SOP Classes of BINARY and LABELMAP segmentations (PS3.4 B.5). */
const SEGMENTATIONS = new Set(['1.2.840.10008.5.1.4.1.1.66.4', '1.2.840.10008.5.1.4.1.1.66.7']);
const WORDS = /[._-](labels?|seg|segmentations?|pred|prediction|gt|mask)$/i;
/** Preamble, mark and as much file meta information as anything writes. */
const META_BYTES = 2048;
const MEDIA_SOP_CLASS = Buffer.from([0x02, 0x00, 0x02, 0x00, 0x55, 0x49]);

/**
 * The label files below a folder: NIfTI and DICOM Segmentation.
 * @throws SitusError INPUT_NOT_FOUND, NO_LABEL_FILES, AMBIGUOUS_CASE (refuse).
 */
export async function findLabelFiles(folder: string): Promise<FoundFiles> {
  const files: LabelFile[] = [];
  const others: string[] = [];
  for (const path of await filesBelow(folder)) {
    const kind = await kindOf(path);
    if (kind === null) others.push(path);
    else files.push({ path, kind, ...caseOf(folder, path, kind) });
  }
  if (files.length === 0) {
    throw refuse(
      'NO_LABEL_FILES',
      `There are no label files in ${folder}: no .nii, no .nii.gz, no DICOM Segmentation.`,
      'Name the folder that holds one label file a case.',
      { folder, others: others.slice(0, 10) },
    );
  }
  const keys = new Map<string, string>();
  for (const file of files) {
    const key = keyOf(file);
    const earlier = keys.get(key);
    if (earlier !== undefined) {
      throw refuse(
        'AMBIGUOUS_CASE',
        `${earlier} and ${file.path} are both the case "${key}".`,
        'Keep one label file a case in the folder.',
        { files: [earlier, file.path] },
      );
    }
    keys.set(key, file.path);
  }
  return { files, others };
}

/** What pairs two files: folders and name. */
export function keyOf({ levels, name }: LabelFile): string {
  return [...levels, name].join('/');
}

async function filesBelow(folder: string): Promise<string[]> {
  try {
    if (!(await stat(folder)).isDirectory()) throw notThere(folder, 'is no folder');
    const entries = await readdir(folder, { withFileTypes: true, recursive: true });
    return entries
      .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
      .map((entry) => join(entry.parentPath, entry.name))
      .sort();
  } catch (thrown) {
    if (systemCode(thrown) !== 'ENOENT') throw thrown;
    throw notThere(folder, 'does not exist');
  }
}

function notThere(folder: string, what: string): Error {
  return refuse('INPUT_NOT_FOUND', `${folder} ${what}.`, 'Name a folder of label files.', {
    folder,
  });
}

function caseOf(folder: string, path: string, kind: LabelFile['kind']) {
  const levels = relative(folder, dirname(path))
    .split(sep)
    .filter((level) => level !== '');
  const ending = /\.nii(\.gz)?$/i;
  const plain = ending.test(path)
    ? basename(path).replace(ending, '')
    : basename(path, extname(path));
  const name = plain.replace(WORDS, '');
  // `situs segment` writes one folder a scan with seg.dcm in it: the folder names the case.
  if (kind === 'seg' && /^seg$/i.test(plain) && levels.length > 0) {
    return { name: levels.at(-1) ?? plain, levels: levels.slice(0, -1) };
  }
  return { name, levels };
}

async function kindOf(path: string): Promise<LabelFile['kind'] | null> {
  if (/\.nii(\.gz)?$/i.test(path)) return 'nifti';
  if (!/^(\.dcm)?$/i.test(extname(path)) && !/^[0-9.]+$/.test(basename(path))) return null;
  const sopClass = await mediaSopClassOf(path);
  return sopClass !== null && SEGMENTATIONS.has(sopClass) ? 'seg' : null;
}

/** Media Storage SOP Class UID (0002,0002) of a Part 10 file; null for anything else. */
async function mediaSopClassOf(path: string): Promise<string | null> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(META_BYTES), 0, META_BYTES, 0);
    if (bytesRead < 140 || buffer.toString('latin1', 128, 132) !== 'DICM') return null;
    const at = buffer.indexOf(MEDIA_SOP_CLASS, 132);
    if (at < 0) return null;
    const start = at + MEDIA_SOP_CLASS.length + 2;
    const length = buffer.readUInt16LE(start - 2);
    return buffer.toString('latin1', start, start + Math.min(length, 64)).replace(/[\0 ]+$/, '');
  } finally {
    await file.close();
  }
}
