import { setTimeout as delay } from 'node:timers/promises';
import type { SitusNode } from '../../app.ts';
import type { StudyDetail } from '../../records/index.ts';
import type { ExpectedStudy } from './samples-note.ts';

interface Voice {
  readonly say: (line: string) => void;
  readonly progress: (text: string) => void;
  readonly signal: AbortSignal;
}

const LOOK_MS = 500;

/** Resolves when every study has an outcome other than `running`; tells what happens meanwhile. */
export async function waitForStudies(
  node: SitusNode,
  studies: readonly ExpectedStudy[],
  { say, progress, signal }: Voice,
): Promise<void> {
  const said = new Map<string, string>();
  let troubles = '';
  for (;;) {
    const views = [];
    for (const { studyInstanceUid } of studies) {
      views.push(await node.records.queries.studyDetail(studyInstanceUid));
    }
    const now: string[] = [];
    views.forEach((view, index) => {
      const name = studies[index]?.name ?? '';
      const outcome = view?.outcome ?? 'not seen yet';
      if (outcome === 'running' || outcome === 'not seen yet') now.push(`${name}: ${doing(view)}`);
      else if (said.get(name) !== outcome) say(`${name}: ${outcome}`);
      said.set(name, outcome);
    });
    if (now.length === 0) return;
    progress(now.join(' | '));
    const unwell = Object.entries(node.health.summary().parts)
      .filter(([, part]) => part.level === 'down')
      .map(([part, { message }]) => `${part}: ${message}`)
      .join('; ');
    if (unwell !== '' && unwell !== troubles) say(`Trouble: ${unwell}`);
    troubles = unwell;
    await delay(LOOK_MS, undefined, { signal });
  }
}

function doing(view: StudyDetail | null): string {
  if (view === null) return 'waiting to be seen';
  const job = view.jobs.find((one) => one.state === 'running' || one.state === 'queued');
  if (job === undefined) return 'settling';
  if (job.state === 'queued')
    return job.error === null ? 'queued' : `again after ${job.error.code}`;
  return `${job.step ?? 'starting'} ${Math.round(job.progress * 100)} %`;
}
