import { InvalidArgumentError, type Command } from 'commander';
import {
  refuse,
  type Evidence,
  type ModelCard,
  type SegmentationRun,
} from '../../contracts/index.ts';
import { openQueue } from '../../jobs/index.ts';
import { OUTCOMES, type JobDetail, type Outcome, type StudyDetail } from '../../records/index.ts';
import { createLogger } from '../../telemetry/index.ts';
import { positive } from '../arguments.ts';
import { cliActor, withConnection, withRecords, type ConnectOptions } from '../connect.ts';
import { wantsJson } from '../json.ts';
import { modelLine } from '../model-card.ts';
import { print } from '../output.ts';
import { studiesTable } from '../studies-table.ts';
import { registerRecall } from './studies-recall.ts';

interface ListOptions extends ConnectOptions {
  readonly outcome?: Outcome;
  readonly sequence?: string;
  readonly text?: string;
  readonly limit: number;
  readonly cursor?: string;
}

export function register(program: Command): void {
  const studies = program.command('studies').description('the processed-study table');

  withConnection(studies.command('list'))
    .description('studies, newest first, with outcome and reasons')
    .option('--outcome <WORD>', `one of ${OUTCOMES.join(', ')}`, outcome)
    .option('--sequence <NAME>', 'only studies that hold this sequence, e.g. haste')
    .option('--text <TEXT>', 'part of description, patient, accession number or study UID')
    .option('--limit <N>', 'rows', positive, 50)
    .option('--cursor <CURSOR>', 'continue after an earlier page')
    .action(async (options: ListOptions, command: Command) => {
      await withRecords(options, async (records) => {
        const { outcome: state, sequence, text, limit, cursor } = options;
        const page = await records.queries.studiesPage({
          limit,
          ...(state === undefined ? {} : { state }),
          ...(sequence === undefined ? {} : { sequence }),
          ...(text === undefined ? {} : { text }),
          ...(cursor === undefined ? {} : { cursor }),
        });
        print(wantsJson(command), page, () => [
          ...studiesTable(page.rows),
          ...(page.next === null ? [] : ['', `more: --cursor ${page.next}`]),
        ]);
      });
    });

  withConnection(studies.command('show'))
    .argument('<STUDY>', 'Study Instance UID')
    .description('every series with its verdict, the steps, results and findings of one study')
    .action(async (uid: string, options: ConnectOptions, command: Command) => {
      await withRecords(options, async (records) => {
        const study = await records.queries.studyDetail(uid);
        if (study === null) throw unknownStudy(uid);
        await records.audit.note(cliActor(), 'patient.viewed', 'study', uid, {
          archive: study.archive,
        });
        const models = await records.models.cardsOf(study.jobs);
        const value = { ...study, models };
        print(wantsJson(command), value, () => studyLines(study, models));
      });
    });

  withConnection(studies.command('rerun'))
    .argument('<STUDY>', 'Study Instance UID')
    .description('a new numbered run of every target; earlier results stay')
    .action(async (uid: string, options: ConnectOptions, command: Command) => {
      await withRecords(options, async (records, url) => {
        if ((await records.queries.studyDetail(uid)) === null) throw unknownStudy(uid);
        const queue = await openQueue(url, createLogger({ level: 'warn', plain: true }));
        try {
          const what = { studyInstanceUid: uid };
          const jobs = await records.jobs.rerun(cliActor(), what, queue.enqueue);
          print(wantsJson(command), { jobs }, () =>
            jobs.length === 0
              ? ['The study has no target, so there is nothing to run again.']
              : jobs.map((job) => `job ${job.id}: run ${job.run} is in the queue`),
          );
        } finally {
          await queue.stop();
        }
      });
    });

  registerRecall(studies);
}

function studyLines(study: StudyDetail, models: readonly ModelCard[]): string[] {
  const verdicts = study.decisions[0]?.verdicts ?? [];
  const lines = [
    `${study.description ?? '(no description)'}  ${study.studyDate ?? ''}  ${study.studyInstanceUid}`,
    `outcome ${study.outcome}, revision ${study.revision}, archive ${study.archive}`,
    ...study.reasons.map((reason) => `  ${reason.code}: ${reason.message} ${reason.next ?? ''}`),
    '',
    'Series',
  ];
  for (const series of study.series) {
    const verdict = verdicts.find((one) => one.seriesInstanceUid === series.seriesInstanceUid);
    const fate = series.own ? 'ours ' : verdict?.taken === true ? 'taken' : 'left ';
    const sequence = verdict?.sequence ?? '';
    lines.push(
      `  ${fate}  ${series.number ?? '-'}  ${series.description ?? '(no description)'}  [${series.modality ?? '?'}, ${series.instanceCount}]  ${sequence}`,
      `         ${verdict?.reason ?? (series.own ? 'A result of Situs: never input.' : 'Not decided yet.')}`,
      ...evidenceLines(verdict?.match?.evidence ?? []),
    );
  }
  return [...lines, ...study.jobs.flatMap((job) => jobLines(job, models))];
}

function evidenceLines(evidence: readonly Evidence[]): string[] {
  return evidence.map(
    (item) => `           ${item.weight >= 0 ? '+' : '-'} ${item.sequence}: ${item.text}`,
  );
}

function jobLines(job: JobDetail, models: readonly ModelCard[]): string[] {
  const card = models.find(({ hash }) => hash === job.modelHash);
  return [
    '',
    `Job ${job.id}  ${job.sequence}  run ${job.run}  ${job.state}  (${job.model} ${job.modelVersion}, rule “${job.rule}”)`,
    ...(card === undefined ? [] : [`  ${modelLine(card)}`]),
    ...engineLines(job.segmentation),
    ...job.reasons.map((reason) => `  ${reason.code}: ${reason.message} ${reason.next ?? ''}`),
    ...job.steps.map(
      (step) =>
        `  ${step.step.padEnd(8)} attempt ${step.attempt}  ${step.state.padEnd(7)}  ${step.seconds?.toFixed(1) ?? '-'} s  ${step.host}${step.error === null ? '' : `  ${step.error.code}: ${step.error.message}`}`,
    ),
    ...job.results.map(
      (result) =>
        `  ${result.kind.padEnd(3)} ${result.sopInstanceUid}  ${result.bytes} bytes in ${result.archive}, ${result.verification}${warningText(result)}${withdrawnText(result)}`,
    ),
    ...job.gate
      .filter((verdict) => verdict.level !== 'pass')
      .map((verdict) => `  ${verdict.level}: ${verdict.message}`),
    ...job.findings.map(
      (finding) =>
        `  ${finding.structure.padEnd(30)} ${finding.volumeMl.toFixed(1).padStart(9)} mL${finding.mean === null ? '' : `  mean ${finding.mean.toFixed(1)} SD ${(finding.sd ?? 0).toFixed(1)}`}${finding.truncated ? '  cut by the field of view' : ''}`,
    ),
  ];
}

function engineLines(run: SegmentationRun | null): string[] {
  if (run === null) return [];
  const weights =
    run.remote === undefined
      ? ''
      : `, weights there ${run.remote.weightsVerified ? 'verified' : 'NOT verified'}`;
  const { folds, stepSize, splitLevel } = run;
  const step = stepSize === undefined || stepSize === 0.5 ? '' : `, patch step ${stepSize}`;
  const split = splitLevel === undefined || splitLevel === 0 ? '' : `, split level ${splitLevel}`;
  return [
    `  network on ${run.device}, ${run.engine}${weights}; folds ${folds.join(', ')}${step}${split}`,
  ];
}

function warningText({ warning }: JobDetail['results'][number]): string {
  return warning === null ? '' : `; the archive warned: ${warning}`;
}

function withdrawnText({ withdrawn }: JobDetail['results'][number]): string {
  if (withdrawn === null) return '';
  const told = {
    null: ', the archive was not told yet',
    true: ', the archive shows it all the same',
    false: '',
  };
  return `; WITHDRAWN: ${withdrawn.text}${told[`${withdrawn.stillShown}`]}`;
}

function unknownStudy(uid: string): Error {
  return refuse(
    'STUDY_UNKNOWN',
    `Study ${uid} is not in the record.`,
    'See "npx situs studies list"; a study appears after the first poll that sees it.',
    { studyInstanceUid: uid },
  );
}

function outcome(text: string): Outcome {
  const found = OUTCOMES.find((one) => one === text);
  if (found === undefined) throw new InvalidArgumentError(`Known are ${OUTCOMES.join(', ')}.`);
  return found;
}
