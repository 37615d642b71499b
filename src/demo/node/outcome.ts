import type { Archive } from '../../archive/index.ts';
import type { JobDetail, Records, StudyDetail } from '../../records/index.ts';
import type { ExpectedStudy } from './samples-note.ts';

/** Whether all expected results were stored and read back, and if not, why: one sentence each. */
export interface DemoOutcome {
  readonly stored: number;
  readonly problems: readonly string[];
}

/** Judges a finished demo by the record and by what the archive shows now. */
export async function demoOutcome(
  records: Records,
  archive: Archive,
  studies: readonly ExpectedStudy[],
  signal: AbortSignal,
): Promise<DemoOutcome> {
  const problems: string[] = [];
  let stored = 0;
  for (const expected of studies) {
    const study = await records.queries.studyDetail(expected.studyInstanceUid);
    if (study === null) {
      problems.push(`${expected.name}: the node never saw the study.`);
      continue;
    }
    problems.push(...sequenceProblems(expected, study));
    if (study.jobs.length === 0) problems.push(`${expected.name}: no job was made.`);
    for (const job of study.jobs) {
      const found = await resultProblems(archive, study, job, signal);
      stored += found.stored;
      problems.push(...found.problems.map((text) => `${expected.name}: ${text}`));
    }
  }
  return { stored, problems };
}

function sequenceProblems(expected: ExpectedStudy, study: StudyDetail): string[] {
  const verdicts = study.decisions[0]?.verdicts ?? [];
  return expected.expected.flatMap((series) => {
    const verdict = verdicts.find((one) => one.seriesInstanceUid === series.seriesInstanceUid);
    if (verdict?.sequence === series.sequence) return [];
    return [
      `${expected.name}: series "${series.description}" was taken for ${verdict?.sequence ?? 'nothing'}, not ${series.sequence}.`,
    ];
  });
}

async function resultProblems(
  archive: Archive,
  study: StudyDetail,
  job: JobDetail,
  signal: AbortSignal,
): Promise<{ stored: number; problems: string[] }> {
  if (job.state !== 'stored') {
    const why = job.reasons.map((reason) => `${reason.code}: ${reason.message}`).join(' ');
    return { stored: 0, problems: [`its job ended as ${job.state}. ${why}`] };
  }
  const problems: string[] = [];
  let stored = 0;
  for (const kind of ['SEG', 'SR'] as const) {
    const result = job.results.find((one) => one.kind === kind);
    const there =
      result?.verified === true &&
      (await archive.has({ studyInstanceUid: study.studyInstanceUid, ...result }, { signal }));
    if (there) stored += 1;
    else problems.push(`its ${kind} was not stored and read back.`);
  }
  return { stored, problems };
}
