/**
 * Draws what a model finds on a series: one axial, coronal and sagittal slice with outlines.
 *
 *   node src/demo/training/real-series.ts DICOM_FOLDER PICTURE.png [MODEL_FOLDER]
 *
 * Prints the volume of every structure as lines of Markdown.
 */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Structure } from '../../contracts/index.ts';
import { measure } from '../../findings/index.ts';
import { buildVolume, previewPng, readInstance } from '../../imaging/index.ts';
import { loadModel, segment } from '../../segmentation/index.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');

const [folder, picture, modelFolder = join(ROOT, 'src', 'demo', 'models', 'demo')] =
  process.argv.slice(2);
if (folder === undefined || picture === undefined) {
  process.stderr.write('usage: real-series.ts DICOM_FOLDER PICTURE.png [MODEL_FOLDER]\n');
  process.exitCode = 2;
} else {
  const structures = JSON.parse(
    await readFile(join(ROOT, 'config', 'structures.json'), 'utf8'),
  ) as readonly Structure[];
  const instances = [];
  for (const name of (await readdir(folder)).sort()) {
    instances.push(readInstance(await readFile(join(folder, name))));
  }
  const volume = await buildVolume(instances);
  const labels = await segment(volume, await loadModel(modelFolder), {
    folds: 'all',
    device: 'cpu',
    threads: 2,
    spacingMode: 'true',
  });
  const colours = new Map(structures.map(({ index, rgb }) => [index, rgb] as const));
  await writeFile(picture, previewPng(volume, labels, colours));
  for (const one of measure(volume, labels, structures).structures) {
    console.log(`| ${one.structure.replaceAll('_', ' ')} | ${one.volumeMl.toFixed(1)} |`);
  }
}
