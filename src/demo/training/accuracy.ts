/**
 * Judges the shipped demonstration model on unseen phantoms and rewrites the figures of docs/accuracy.md
 * and docs/images/accuracy.svg.
 *
 *   node src/demo/training/accuracy.ts [--seeds 9500-9559] [--model DIR] [--out DIR] [--threads N]
 *
 * OUT keeps what is done, phantom by phantom: a run that was stopped goes on where it was. It also gets
 * report.html and metrics.csv, as `npx situs evaluate` makes them.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Structure } from '../../contracts/index.ts';
import { htmlReport, metricsCsv } from '../../evaluation/index.ts';
import { loadModel } from '../../segmentation/index.ts';
import { evaluationOf, writeAccuracyPage } from './accuracy-page.ts';
import { judgeOnPhantoms } from './judge.ts';
import { seedsOf, SEEDS } from './seeds.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: SEEDS },
    model: { type: 'string', default: join(ROOT, 'src', 'demo', 'models', 'demo') },
    out: { type: 'string', default: join(tmpdir(), 'situs-accuracy') },
    threads: { type: 'string', default: String(availableParallelism()) },
  },
});
const structures = JSON.parse(
  await readFile(join(ROOT, 'config', 'structures.json'), 'utf8'),
) as readonly Structure[];
const model = await loadModel(values.model);
const scans = await judgeOnPhantoms({
  model,
  structures,
  seeds: seedsOf(values.seeds),
  cache: values.out,
  threads: Number(values.threads),
  say: console.error,
});
const evaluation = evaluationOf(model, scans);
await mkdir(values.out, { recursive: true });
await writeFile(join(values.out, 'report.html'), htmlReport(evaluation));
await writeFile(join(values.out, 'metrics.csv'), metricsCsv(evaluation.cases));
await writeAccuracyPage(ROOT, model, scans);
for (const one of evaluation.summary.overall) {
  console.error(`${one.scanType}: mean Dice ${one.mean.dice?.toFixed(3) ?? 'none'}`);
}
