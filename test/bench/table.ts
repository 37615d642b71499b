import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { startPostgres } from '../../src/demo/services/postgres.ts';
import { type Records, type StudiesQuery, openRecords } from '../../src/records/index.ts';
import type { Measurement } from './measure.ts';

const STUDIES = Number(process.env['SITUS_BENCH_STUDIES'] ?? 1_000_000);
const RUNS = 10;

/**
 * Every kind of filter alone, filters that are common and never meet, text that is common, rare or
 * nowhere, and far pages: what a planner gets wrong.
 */
const QUERIES: Readonly<Record<string, StudiesQuery>> = {
  'no filter': {},
  'far back': { to: new Date('2018-01-01') },
  'two days': { from: new Date('2020-01-01'), to: new Date('2020-01-03') },
  'common archive': { archive: 'main' },
  'rare archive': { archive: 'second' },
  stored: { state: 'stored' },
  'needs attention': { state: ['held', 'failed'] },
  'common sequence': { sequence: 't1_in_phase' },
  'rare sequence': { sequence: 'rare' },
  'unknown sequence': { sequence: 'none' },
  'sequence and outcome that never meet': { sequence: 'dwi', state: 'stored' },
  'archive and outcome that never meet': { archive: 'second', state: 'failed' },
  'sequence, archive and outcome': { sequence: 'ct_abdomen', archive: 'second', state: 'held' },
  'common word': { text: 'abdomen' },
  'name of few': { text: 'kowalski123' },
  'accession number': { text: 'acc777' },
  'text nowhere': { text: 'zzzzqq' },
  'two characters': { text: 'zz' },
  'beginning of a UID': { text: '1.2.840.99.77' },
  'common word, rare outcome': { text: 'leber', state: 'failed' },
  'common word, rare sequence': { text: 'mr knie', sequence: 'rare' },
  'name in a month': { text: 'anna', from: new Date('2020-01-01'), to: new Date('2020-02-01') },
};

/** A page of the processed-study table (design §10: p95 at most 100 ms at a million studies, any filter). */
export async function benchTable(): Promise<Measurement[]> {
  const stateDir = await mkdtemp(join(tmpdir(), 'situs-bench-'));
  const postgres = await startPostgres({ stateDir, disposable: true });
  try {
    const records = await openRecords(postgres.url);
    try {
      await fill(postgres.url);
      return await measurePages(records);
    } finally {
      await records.close();
    }
  } finally {
    await postgres.stop();
    await rm(stateDir, { recursive: true, force: true });
  }
}

async function measurePages(records: Records): Promise<Measurement[]> {
  const all: number[] = [];
  const measurements: Measurement[] = [];
  for (const [what, query] of Object.entries(QUERIES)) {
    const seconds: number[] = [];
    let rows = 0;
    for (let run = 0; run <= RUNS; run += 1) {
      const started = performance.now();
      rows = (await records.queries.studiesPage(query)).rows.length;
      // The first warms the cache up.
      if (run > 0) seconds.push((performance.now() - started) / 1000);
    }
    all.push(...seconds);
    measurements.push({ what: `page: ${what}`, seconds, median: quantile(seconds, 0.5), rows });
  }
  const what = `page of ${STUDIES} studies, all filters`;
  const p95 = quantile(all, 0.95);
  measurements.push({ what, seconds: [], median: quantile(all, 0.5), p95, goal: 0.1 });
  return measurements;
}

function quantile(seconds: readonly number[], share: number): number {
  const sorted = [...seconds].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

/** Made by the database itself: seeded, one study every five minutes, names and words as common as in life. */
async function fill(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(
      `SET maintenance_work_mem = '512MB'; SET session_replication_role = replica`,
    );
    const { rows } = await client.query<{ name: string; definition: string }>(
      `SELECT indexname AS name, indexdef AS definition FROM pg_indexes
       WHERE tablename IN ('study', 'study_sequence') AND indexname NOT LIKE '%\\_pkey'`,
    );
    for (const { name } of rows) await client.query(`DROP INDEX ${name}`);
    await client.query('SELECT setseed(0.5)');
    await client.query(FILL_STUDIES, [STUDIES]);
    await client.query(
      `INSERT INTO study_sequence (study_id, sequence, archive, outcome, observed_at)
       SELECT id, s, archive, outcome, observed_at FROM study, unnest(sequences) s`,
    );
    for (const { definition } of rows) await client.query(definition);
    await client.query('VACUUM ANALYZE study');
    await client.query('VACUUM ANALYZE study_sequence');
  } finally {
    await client.end();
  }
}

const FILL_STUDIES = `
  INSERT INTO study (archive, study_instance_uid, patient_name, patient_id, accession_number,
    study_date, description, modalities, series_count, instance_count, outcome, reasons, sequences,
    revision, search_text, observed_at, decided_at)
  SELECT archive, '1.2.840.99.' || i || '.1', name, patient, accession, to_char(seen, 'YYYYMMDD'),
    description, ARRAY['MR'], 8, 400, outcome, '[]', sequences, 1,
    lower(concat_ws(' ', replace(name, '^', ' '), patient, accession, description)), seen, seen
  FROM (
    SELECT i,
      CASE WHEN i % 100 = 0 THEN 'second' ELSE 'main' END AS archive,
      (ARRAY['Müller', 'Schmidt', 'Meier', 'Kowalski', 'Nguyen', 'Garcia', 'Yilmaz', 'Rossi'])
        [1 + floor(random() * 8)::int] || i % 5000 || '^' ||
        (ARRAY['Anna', 'Hans', 'Ida', 'Otto', 'Lea', 'Karl'])[1 + floor(random() * 6)::int] AS name,
      'PAT' || i % 400000 AS patient,
      'ACC' || i AS accession,
      (ARRAY['MR Abdomen nativ', 'CT Abdomen mit KM', 'MR Leber', 'MRCP', 'MR Becken', 'CT Thorax',
        'MR Schädel', 'MR Knie'])[1 + floor(random() * 8)::int] AS description,
      CASE WHEN i % 1000 = 3 THEN 'held' WHEN i % 5000 = 7 THEN 'failed'
        WHEN i % 3 = 0 THEN 'nothing-to-do' WHEN i % 50 = 1 THEN 'stored-with-refusals'
        ELSE 'stored' END AS outcome,
      CASE WHEN i % 20000 = 11 THEN ARRAY['localizer', 'rare']
        WHEN i % 3 = 0 THEN ARRAY['dwi', 'localizer']
        WHEN i % 2 = 0 THEN ARRAY['haste', 'localizer', 't1_in_phase', 't1_out_phase']
        ELSE ARRAY['ct_abdomen', 'localizer'] END AS sequences,
      timestamptz '2016-01-01Z' + i * interval '5 min' AS seen
    FROM generate_series(1, $1::int) i
  ) one`;
