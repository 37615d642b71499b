import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { loadRules, pastable, rewriteRules } from '../../../src/config/index.ts';
import type { Rule, StudyHeaders } from '../../../src/contracts/index.ts';
import { draftFor, type ReplayBy, withEvidence } from '../../../src/replay/index.ts';
import { type InboxGroup, InboxGroups } from '../../../src/replay/inbox/groups.ts';
import { inboxPage } from '../../../src/replay/inbox/page.ts';
import { type Trial, trialPage, TrialTally } from '../../../src/replay/inbox/trial.ts';
import { generatedStudy, SKETCHES } from '../../support/decided-studies.ts';
import { NAMELESS, recorded, ruleSets, shipped, sketch, studies } from './scene.ts';

const ORDER: Pick<Rule, 'segment' | 'store'> = {
  segment: { model: 'demo', folds: 'all' },
  store: { seg: 'binary', sr: true, to: 'main' },
};
const { haste } = SKETCHES;
const NO_RULES = await shipped([]);
let folder: string;
beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), 'situs-draft-'))));
afterAll(() => rm(folder, { recursive: true, force: true }));

function groupsOf(all: readonly StudyHeaders[], by: ReplayBy) {
  const groups = new InboxGroups();
  groups.add(
    inboxPage(
      all.map((one) => recorded(one, by)),
      by,
    ),
  );
  return groups.inbox().groups;
}

function tried(all: readonly StudyHeaders[], by: ReplayBy, trial: Trial) {
  const tally = new TrialTally(trial);
  tally.add(
    trialPage(
      all.map((one) => recorded(one, by)),
      by,
      trial,
    ),
  );
  return tally.summary();
}

/** The rules as a file has them once the draft is pasted below the others, read as the node reads it. */
async function pasted(rules: readonly Rule[], draft: Rule) {
  const written = [...rules, draft].map(
    (one) => JSON.parse(JSON.stringify(one)) as Rule & Record<string, unknown>,
  );
  const text = written.reduce((so, rule) => rewriteRules(so, { kind: 'add', rule }), 'rules: []\n');
  const last = written.at(-1);
  if (last !== undefined) expect(text).toContain(pastable(last, 2));
  const file = join(folder, 'rules.yaml');
  await writeFile(file, text);
  return (await loadRules(file)).value;
}

/** The rule drafted for a group, as the only one. */
function ruleTrial(group: InboxGroup | undefined): Trial {
  if (group === undefined) throw new Error('no group');
  const draft = draftFor(group, NO_RULES, ORDER);
  if (draft.kind !== 'rule') throw new Error('no rule');
  const { rule, sequence } = draft;
  return {
    rules: { rules: [rule] },
    sequences: null,
    drafts: [{ group: draft.group, sequence, rule: rule.name }],
  };
}

describe('the draft of a rule', () => {
  it('parses, takes every series of its group, and changes nothing else but what it takes', async () => {
    await fc.assert(
      fc.asyncProperty(studies, ruleSets, async (all, rules) => {
        const by = { ...NO_RULES, rules: { rules } };
        for (const group of groupsOf(all, by)) {
          const draft = draftFor(group, by, ORDER);
          if (draft.kind !== 'rule') continue;
          const trial: Trial = {
            rules: await pasted(rules, draft.rule),
            sequences: null,
            drafts: [{ group: draft.group, sequence: draft.sequence, rule: draft.rule.name }],
          };
          const { drafts, otherStudies } = tried(all, by, trial);
          expect(otherStudies).toBe(0);
          expect(drafts).toEqual([
            expect.objectContaining({
              series: group.series,
              studies: group.studies,
              taken: group.series,
              takenStudies: group.studies,
            }),
          ]);
        }
      }),
      { seed: 6, numRuns: 60 },
    );
  });

  it('orders what the rule for this sequence orders, under a name that is free', async () => {
    const rules: readonly Rule[] = [
      { name: 'CT', when: { modality: 'CT' }, ...ORDER },
      {
        name: 'HASTE of MR9',
        when: { sequence: 'haste', station: 'MR9' },
        segment: { model: 'ours', folds: 'first' },
        store: { seg: 'labelmap', sr: true, to: 'second' },
        priority: 'high',
        quiet: ['07:00-19:00'],
      },
    ];
    const by = await shipped(rules);
    const [group] = groupsOf([generatedStudy([sketch(haste, { StationName: 'MR1' })])], by);
    if (group === undefined) throw new Error('no group');
    const draft = draftFor(group, by, ORDER);
    expect(draft).toMatchObject({
      kind: 'rule',
      like: 'HASTE of MR9',
      rule: {
        name: 'haste of Skyra MR1: t2_haste_tra_mbh',
        when: {
          modality: 'MR',
          sequence: 'haste',
          confidence: '>= 0.8',
          station: 'MR1',
          fieldStrength: '2.75..3.25',
          description: 't2_haste_tra_mbh',
        },
        segment: { model: 'ours', folds: 'first' },
        store: { to: 'second' },
        priority: 'high',
        quiet: ['07:00-19:00'],
      },
    });
    const again = draftFor(group, by, ORDER, new Set(['haste of Skyra MR1: t2_haste_tra_mbh']));
    expect(again).toMatchObject({ rule: { name: 'haste of Skyra MR1: t2_haste_tra_mbh (2)' } });
  });

  it('leaves lone numbers free where the descriptions of a group differ by them', () => {
    const all = ['t2_haste_320', 'T2 HASTE 384'].map((SeriesDescription) =>
      generatedStudy([sketch(haste, { SeriesDescription })]),
    );
    const [group] = groupsOf(all, NO_RULES);
    const trial = ruleTrial(group);
    const next = generatedStudy([sketch(haste, { SeriesDescription: 't2_haste_512' })]);
    const other = generatedStudy([sketch(haste, { SeriesDescription: 't2_haste_fs' })]);
    expect(tried([next, other], NO_RULES, trial).drafts).toMatchObject([
      { series: 1, taken: 1, outside: 0 },
    ]);
  });

  it('tells the series of other groups that it would take too', () => {
    const nameless = sketch(haste, { SeriesDescription: null });
    const all = [generatedStudy([nameless]), generatedStudy([haste])];
    const group = groupsOf(all, NO_RULES).find((one) => one.key.description === null);
    const trial = ruleTrial(group);
    expect(tried(all, NO_RULES, trial)).toMatchObject({
      drafts: [{ series: 1, taken: 1, outside: 1, outsideExamples: [all[1]?.studyInstanceUid] }],
      otherStudies: 0,
    });
  });
});

/** The shipped rules with definitions in which nothing speaks for a CT of the abdomen. */
async function withoutCtEvidence(): Promise<ReplayBy> {
  const by = await shipped();
  const sequences = by.sequences.sequences.map((one) =>
    one.name === 'ct_abdomen' ? { ...one, evidence: one.evidence.slice(0, 0) } : one,
  );
  return { ...by, sequences: { ...by.sequences, sequences } };
}

describe('the draft for an unsure group', () => {
  /** A study in which only the echo time says a little: enough for a guess, not for a name. */
  const unsure = (SeriesDescription: string | null): StudyHeaders => ({
    ...generatedStudy([
      sketch(NAMELESS, {
        SeriesDescription,
        BodyPartExamined: null,
        StationName: 'MR1',
        EchoTime: 4.7,
        MagneticFieldStrength: 1.5,
      }),
    ]),
    attributes: {},
  });

  it('is evidence for the likeliest target, which makes its series that target', async () => {
    const by = await withoutCtEvidence();
    const all = [unsure('qq 17')];
    const [group] = groupsOf(all, by);
    if (group === undefined) throw new Error('no group');
    const draft = draftFor(group, by, ORDER);
    if (draft.kind !== 'evidence') throw new Error(`no evidence but ${draft.kind}`);
    expect(draft).toMatchObject({
      sequence: 't1_in_phase',
      item: { when: { attributes: { SeriesDescription: 'qq 17', StationName: 'MR1' } } },
    });
    const sequences = withEvidence(by.sequences, draft);
    const trial = {
      rules: by.rules,
      sequences,
      drafts: [{ group: draft.group, sequence: 't1_in_phase', rule: null }],
    };
    expect(tried(all, by, trial)).toMatchObject({
      drafts: [{ series: 1, becoming: 1, taken: 1 }],
      otherStudies: 0,
    });
  });

  it('is none without a description, also where one target is likeliest', () => {
    for (const study of [generatedStudy([NAMELESS]), unsure(null)]) {
      const [group] = groupsOf([study], NO_RULES);
      if (group === undefined) throw new Error('no group');
      expect(draftFor(group, NO_RULES, ORDER).kind).toBe('none');
      expect(group.missing.map((one) => one.text)).toContain('SeriesDescription');
    }
  });
});
