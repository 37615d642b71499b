import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Decision } from '../../../src/contracts/index.ts';
import { keyText } from '../../../src/replay/inbox/group-key.ts';
import { InboxGroups } from '../../../src/replay/inbox/groups.ts';
import { inboxPage, judgedBy } from '../../../src/replay/inbox/page.ts';
import { generatedStudy, SKETCHES } from '../../support/decided-studies.ts';
import { NAMELESS, recorded, ruleSets, shipped, sketch, studies } from './scene.ts';

const { localizer, haste, inPhase, dwi } = SKETCHES;
const NO_RULES = await shipped([]);
const SHIPPED = await shipped();

/** Of the rules of the scene the one that stops. */
const isStopped = ({ verdicts }: Decision): boolean =>
  verdicts.some((one) => one.rule === 'diffusion ends it');

describe('the groups of the inbox', () => {
  it('have every series that is a target and that no rule mentions in exactly one, and no other target', () => {
    fc.assert(
      fc.property(studies, ruleSets, (all, rules) => {
        const by = { ...NO_RULES, rules: { rules } };
        const page = inboxPage(
          all.map((one) => recorded(one, by)),
          by,
        );
        const found = page.found.flat().map((one) => one.seriesInstanceUid);
        expect(new Set(found).size).toBe(found.length);
        const targets = ['t1_in_phase', 'haste', 'ct_abdomen'];
        for (const study of all) {
          const { decision } = judgedBy(study, [], by);
          for (const verdict of decision.verdicts) {
            const isIn = found.includes(verdict.seriesInstanceUid);
            if (verdict.taken || verdict.rule !== null) expect(isIn).toBe(false);
            else if (!targets.includes(verdict.sequence) && verdict.sequence !== 'unknown')
              expect(isIn).toBe(false);
            else if (targets.includes(verdict.sequence)) expect(isIn).toBe(!isStopped(decision));
          }
        }
        const groups = new InboxGroups();
        groups.add(page);
        const inbox = groups.inbox();
        expect(inbox.groups.reduce((sum, one) => sum + one.series, 0)).toBe(found.length);
        const keys = inbox.groups.map((one) => keyText(one.key));
        expect(new Set(keys).size).toBe(keys.length);
      }),
      { seed: 6, numRuns: 60 },
    );
  });

  it('hold one scanner and one description, whatever the numbers and case in it', () => {
    const named = (SeriesDescription: string, change = {}) =>
      sketch(haste, { SeriesDescription, ...change });
    const page = inboxPage(
      [
        generatedStudy([named('t2_haste_tra_320'), named('T2 HASTE tra 384')]),
        generatedStudy([named('t2_haste_tra_320', { MagneticFieldStrength: 2.89 })]),
        generatedStudy([named('t2_haste_tra_320', { StationName: 'MR9' }), localizer, dwi]),
      ].map((one) => recorded(one, NO_RULES)),
      NO_RULES,
    );
    const groups = new InboxGroups();
    groups.add(page);
    const [first, second, ...more] = groups.inbox().groups;
    expect(more).toEqual([]);
    expect(first).toMatchObject({ studies: 2, series: 3, studiesWithSeveral: 1, reasons: [] });
    expect(first?.descriptions).toEqual([
      { text: 't2_haste_tra_320', series: 2 },
      { text: 'T2 HASTE tra 384', series: 1 },
    ]);
    expect(second?.key).toMatchObject({ station: 'MR9', fieldStrength: 3, sequence: 'haste' });
  });

  it('say the condition that failed most often first, and explain the latest study', () => {
    const rules = SHIPPED.rules.rules.map((one) => ({
      ...one,
      when: { ...one.when, station: 'MR9' },
    }));
    const by = { ...SHIPPED, rules: { rules } };
    const at = (StudyDate: string) =>
      generatedStudy([sketch(inPhase, { StationName: 'MR1' })], { StudyDate });
    const late = at('20260401');
    const all = [at('20260301'), late, at('20251231')];
    const groups = new InboxGroups();
    groups.add(
      inboxPage(
        all.map((one) => recorded(one, by)),
        by,
      ),
    );
    const [group] = groups.inbox().groups;
    expect(group?.reasons).toEqual([
      {
        rule: 'abdominal MR, T1 in-phase',
        text: 'station is "MR1", wanted MR9',
        series: 3,
      },
    ]);
    expect(group?.last).toEqual({
      date: '20260401',
      studyInstanceUid: late.studyInstanceUid,
      seriesInstanceUid: late.series[0]?.seriesInstanceUid,
    });
  });

  it('tell how many series have no group where there are too many groups', () => {
    const study = generatedStudy(
      ['A', 'B', 'C'].map((StationName) => sketch(haste, { StationName })),
    );
    const groups = new InboxGroups(2);
    groups.add(inboxPage([recorded(study, NO_RULES)], NO_RULES));
    expect(groups.inbox()).toMatchObject({ series: 3, seriesCut: 1, studiesWithUntaken: 1 });
    expect(groups.inbox().groups).toHaveLength(2);
  });
});

describe('what is in the inbox', () => {
  const kindsOf = (...args: Parameters<typeof generatedStudy>) => {
    const page = inboxPage([recorded(generatedStudy(...args), NO_RULES)], NO_RULES);
    return page.found
      .flat()
      .map((one) => [one.key.sequence, one.key.between, one.missing.length > 0]);
  };

  it('has unsure volumes of the abdomen, with the attributes that would tell', () => {
    expect(kindsOf([NAMELESS])).toEqual([['unknown', [], true]]);
  });

  it.each([
    ['too few images', [{ ...NAMELESS, slices: 7 }]],
    ['another region', [sketch(NAMELESS, { BodyPartExamined: 'BRAIN' })]],
    ['another modality', [sketch(NAMELESS, { Modality: 'US' })]],
    ['no known modality', [sketch(NAMELESS, { Modality: null })]],
    ['a derived image', [sketch(NAMELESS, { ImageType: 'DERIVED' })]],
  ])('leaves out an unsure series of %s', (_what, sketches) => {
    const study = generatedStudy(sketches);
    const headers = { ...study, attributes: { StudyDate: '20260301' } };
    expect(inboxPage([recorded(headers, NO_RULES)], NO_RULES).found).toEqual([]);
  });

  it('leaves out what a rule leaves on purpose, and what one that stops ended', async () => {
    const study = generatedStudy([haste, dwi]);
    const leave = { name: 'no HASTE', when: { sequence: 'haste' }, leave: 'on purpose' };
    const stop = { name: 'none', when: { sequence: 'dwi' }, leave: 'on purpose', stop: true };
    const last = { name: 'last', when: { sequence: 'mrcp' }, leave: 'never asked' };
    for (const rules of [[leave], [stop, last]]) {
      const by = await shipped(rules);
      expect(inboxPage([recorded(study, by)], by).found).toEqual([]);
    }
  });

  it('leaves out a series that has a result, also where a rule asks for one without', () => {
    const study = generatedStudy([haste, inPhase]);
    const rules = SHIPPED.rules.rules.map((one) => ({
      ...one,
      when: { ...one.when, earlier: 'none' },
    }));
    const by = { ...SHIPPED, rules: { rules } };
    const decided = recorded(study, by);
    const result = { seriesInstanceUid: study.series[0]?.seriesInstanceUid, model: 'demo' };
    const later = { ...decided, earlier: JSON.stringify([result]) };
    expect(inboxPage([decided, later], by).found).toEqual([]);
    const found = inboxPage([{ ...later, earlier: '[]' }, later], NO_RULES).found;
    expect(found.map((one) => one.length)).toEqual([2, 1]);
  });

  it('counts studies without headers', () => {
    const study = { ...recorded(generatedStudy([haste]), NO_RULES), headers: null };
    expect(inboxPage([study], NO_RULES)).toEqual({ studies: 1, withoutHeaders: 1, found: [] });
  });
});
