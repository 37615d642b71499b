import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { loadRules, loadSequences } from '../../src/config/index.ts';
import { readInstance, seriesHeaders } from '../../src/imaging/index.ts';
import { decide } from '../../src/routing/index.ts';
import { matchStudy } from '../../src/sequences/index.ts';

const FOLDER = '../shared/data/real';
const available = existsSync(FOLDER);
if (!available) console.log(`skipped: ${FOLDER} is not there`);

(available ? describe : describe.skip)('real series', () => {
  const cases = [
    ['ct-abdomen', 'ct_abdomen'],
    ['mr-abdomen', 't1_in_phase'],
  ] as const;
  for (const [name, sequence] of cases) {
    it(`${name} is ${sequence} and is taken by the shipped rules`, async () => {
      const folder = join(FOLDER, name);
      const metadata = readdirSync(folder).map(
        (file) => readInstance(readFileSync(join(folder, file))).dataset,
      );
      const series = seriesHeaders(metadata);
      const study = {
        studyInstanceUid: '1.2',
        attributes: { StudyDescription: 'Abdomen' },
        series: [series],
      };
      const matches = matchStudy(study, (await loadSequences('config/sequences.yaml')).value);
      expect(matches[0]?.sequence).toBe(sequence);
      expect(matches[0]?.confidence).toBeGreaterThan(0.95);
      const rules = (await loadRules('config/rules.yaml')).value;
      const { targets } = decide(study, matches, rules, {
        ruleSetVersion: '',
        sequencesVersion: '',
      });
      expect(targets.map((target) => target.frames.length)).toEqual([metadata.length]);
    });
  }
});
