import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { loadRules, loadSequences } from '../../src/config/index.ts';
import { startPostgres } from '../../src/demo/services/postgres.ts';
import { type DecisionRecords, openRecords } from '../../src/records/index.ts';
import { draftFor, readInbox, replay, type ReplayBy, tryDrafts } from '../../src/replay/index.ts';
import { generatedStudy, saveDecided, SKETCHES } from '../support/decided-studies.ts';
import type { Measurement } from './measure.ts';

const STUDIES = Number(process.env['SITUS_BENCH_REPLAY_STUDIES'] ?? 20_000);
const GOAL_STUDIES = 100_000;
const CONFIG = join(import.meta.dirname, '..', '..', 'config');
const TEMPLATES = 4;

/** `rules replay` over stored headers (issue: 100,000 studies within 5 minutes). */
export async function benchReplay(): Promise<Measurement[]> {
  const stateDir = await mkdtemp(join(tmpdir(), 'situs-bench-'));
  const postgres = await startPostgres({ stateDir, disposable: true });
  try {
    const records = await openRecords(postgres.url);
    try {
      const { localizer, haste, inPhase, dwi } = SKETCHES;
      const series = [localizer, haste, haste, inPhase, dwi, dwi, inPhase, dwi];
      const templates = Array.from({ length: TEMPLATES }, () => generatedStudy(series));
      await saveDecided(records, templates);
      await multiply(postgres.url, Math.ceil(STUDIES / TEMPLATES) - 1);
      const by = await shipped();
      const cpu = process.cpuUsage();
      const started = performance.now();
      const summary = await replay(records.decisions, {
        window: { from: new Date(0), until: new Date(Date.now() + 60_000) },
        by,
        examples: 3,
      });
      const seconds = (performance.now() - started) / 1000;
      const { user, system } = process.cpuUsage(cpu);
      const cpuSeconds = (user + system) / 1e6;
      const perSecond = summary.studies / seconds;
      return [
        ...(await benchInbox(records.decisions, by)),
        {
          what: `replay of ${summary.studies} studies, ${summary.series} series`,
          seconds: [seconds],
          median: seconds,
          cpuSeconds,
          studiesPerSecond: Math.round(perSecond),
          studiesPerCpuSecond: Math.round(summary.studies / cpuSeconds),
          minutesFor100000: Math.round((GOAL_STUDIES / perSecond / 60) * 10) / 10,
          goalMinutes: 5,
        },
      ];
    } finally {
      await records.close();
    }
  } finally {
    await postgres.stop();
    await rm(stateDir, { recursive: true, force: true });
  }
}

/** `rules inbox` without a rule, so that every target falls through, and the trial of a draft for each group. */
async function benchInbox(decisions: DecisionRecords, by: ReplayBy): Promise<Measurement[]> {
  const rules: ReplayBy = { ...by, rules: { rules: [] } };
  const options = {
    window: { from: new Date(0), until: new Date(Date.now() + 60_000) },
    by: rules,
  };
  const started = performance.now();
  const inbox = await readInbox(decisions, options);
  const read = (performance.now() - started) / 1000;
  const order = by.rules.rules.find((one) => one.segment !== undefined) ?? {};
  const drafts = inbox.groups.map((group) => draftFor(group, rules, order));
  const ruled = drafts.filter((one) => one.kind === 'rule');
  const trial = {
    rules: { rules: ruled.map((one) => one.rule) },
    sequences: null,
    drafts: ruled.map(({ group, sequence, rule }) => ({ group, sequence, rule: rule.name })),
  };
  const tried = performance.now();
  await tryDrafts(decisions, trial, options);
  const seconds = [read, (performance.now() - tried) / 1000];
  return ['inbox', 'trial of drafts'].map((what, index) => {
    const taken = seconds[index] ?? NaN;
    return {
      what: `${what} of ${inbox.studies} studies, ${inbox.series} series untaken in ${inbox.groups.length} groups`,
      seconds: [taken],
      median: taken,
      studiesPerSecond: Math.round(inbox.studies / taken),
      minutesFor100000: Math.round((GOAL_STUDIES / inbox.studies) * (taken / 6)) / 10,
    };
  });
}

async function shipped(): Promise<ReplayBy> {
  const rules = await loadRules(join(CONFIG, 'rules.yaml'));
  const sequences = await loadSequences(join(CONFIG, 'sequences.yaml'));
  return {
    rules: rules.value,
    rulesVersion: rules.version,
    sequences: sequences.value,
    sequencesVersion: sequences.version,
  };
}

/** Copies every decided study `times` times inside the database; only the study's UID differs. */
async function multiply(url: string, times: number): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(COPY, [times]);
    await client.query('VACUUM ANALYZE');
  } finally {
    await client.end();
  }
}

const COPY = `
  WITH template AS (
    SELECT d.id AS decision, d.study_id, r.id AS revision, s.study_instance_uid AS uid, copy,
      s.study_instance_uid || '.' || copy AS new_uid,
      nextval('study_id_seq') AS new_study, nextval('study_revision_id_seq') AS new_revision,
      nextval('decision_id_seq') AS new_decision
    FROM decision d JOIN study s ON s.id = d.study_id JOIN study_revision r ON r.id = d.revision_id,
      generate_series(1, $1::int) copy
  ), studies AS (
    INSERT INTO study (id, archive, study_instance_uid, modalities, outcome, reasons, sequences,
      revision, search_text)
    SELECT t.new_study, s.archive, t.new_uid, s.modalities, s.outcome, s.reasons, s.sequences, 1, ''
    FROM template t JOIN study s ON s.id = t.study_id
  ), revisions AS (
    INSERT INTO study_revision (id, study_id, revision, fingerprint, listing)
    SELECT t.new_revision, t.new_study, 1, r.fingerprint, '{}' FROM template t
      JOIN study_revision r ON r.id = t.revision
  ), headers AS (
    INSERT INTO revision_headers (revision_id, headers)
    SELECT t.new_revision, jsonb_set(h.headers, '{studyInstanceUid}', to_jsonb(t.new_uid))
    FROM template t JOIN revision_headers h ON h.revision_id = t.revision
  ), decisions AS (
    INSERT INTO decision (id, study_id, revision_id, rule_set_version, sequences_version, targets,
      identities, sha256)
    SELECT t.new_decision, t.new_study, t.new_revision, d.rule_set_version, d.sequences_version,
      d.targets, d.identities, d.sha256
    FROM template t JOIN decision d ON d.id = t.decision
  )
  INSERT INTO verdict (decision_id, series_instance_uid, sequence, confidence, taken, rule, reason,
    match, rules)
  SELECT t.new_decision, v.series_instance_uid, v.sequence, v.confidence, v.taken, v.rule, v.reason,
    v.match, v.rules
  FROM template t JOIN verdict v ON v.decision_id = t.decision`;
