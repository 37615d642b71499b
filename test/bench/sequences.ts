import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadRules, loadSequences } from '../../src/config/index.ts';
import { decide } from '../../src/routing/index.ts';
import { matchStudy, studyFromLine } from '../../src/sequences/index.ts';
import { measure, type Measurement } from './measure.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const HEADERS = join(ROOT, '..', 'shared', 'data', 'series-headers', 'dev.jsonl');

/** Sequences and routing together on real headers, one core (design §10: at least 5,000 series a second). */
export async function benchSequences(): Promise<Measurement[]> {
  if (!existsSync(HEADERS)) {
    process.stderr.write('sequences: skipped, the labelled headers of ../shared are not here\n');
    return [];
  }
  const definitions = await loadSequences(join(ROOT, 'config', 'sequences.yaml'));
  const rules = await loadRules(join(ROOT, 'config', 'rules.yaml'));
  const lines = readFileSync(HEADERS, 'utf8').trim().split('\n');
  const studies = lines.map((line) => studyFromLine(JSON.parse(line)));
  const series = studies.reduce((sum, study) => sum + study.series.length, 0);
  const versions = { ruleSetVersion: rules.version, sequencesVersion: definitions.version };
  return [
    measure(
      `sequences and routing of ${studies.length} studies, ${series} series`,
      5,
      () => {
        for (const study of studies) {
          decide(study, matchStudy(study, definitions.value), rules.value, versions);
        }
      },
      (median) => ({ seriesPerSecond: Math.round(series / median), goal: 5000 }),
    ),
  ];
}
