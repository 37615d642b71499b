import type { z } from 'zod';
import type { Queue } from '../jobs/index.ts';
import { ROLES, type Records, type Role, type StudiesQuery } from '../records/index.ts';
import type { Health, Metrics } from '../telemetry/index.ts';
import { forgetSession, openSession, signInActor, type SignedIn } from './auth.ts';
import { modelRoutes } from './model-routes.ts';
import { openApi } from './openapi.ts';
import { ApiRefusal } from './refusal.ts';
import { route, type Route } from './route.ts';
import * as schemas from './schemas.ts';
import { patientView, rolesThatSeePatients, studyRowView, studyView } from './views.ts';

export interface ApiParts {
  readonly records: Records;
  readonly queue: Pick<Queue, 'enqueue'>;
  readonly health: Health;
  readonly metrics: Metrics;
  readonly version: string;
  /** How long a sign-in lasts. */
  readonly sessionHours: number;
  /** Hide names and identifiers of patients from roles that do not need them. */
  readonly maskPatientData: boolean;
}

/** Every address but the page's own files. */
export function routes(parts: ApiParts): readonly Route[] {
  const table: Route[] = [
    ...openRoutes(parts),
    ...sessionRoutes(parts),
    ...studyRoutes(parts),
    ...modelRoutes(parts.records),
    ...nodeRoutes(parts),
    route({
      method: 'get',
      path: '/api/openapi.json',
      summary: 'This description (OpenAPI 3.1)',
      roles: ROLES,
      answer: { media: 'application/json' },
      handle: () => Promise.resolve(description),
    }),
  ];
  const description = JSON.stringify(openApi(table, parts.version));
  return table;
}

function openRoutes(parts: ApiParts): Route[] {
  const { records, health, sessionHours } = parts;
  return [
    route({
      method: 'get',
      path: '/api/health',
      summary:
        'How the node and its parts are; 503 when one is down. Says nothing more to strangers',
      roles: 'open',
      answer: schemas.healthSchema,
      handle: ({ response }) => {
        const { level, parts } = health.summary();
        if (level === 'down') response.status(503);
        const levels = Object.entries(parts).map(([name, part]) => [name, part.level] as const);
        return Promise.resolve({ level, parts: Object.fromEntries(levels) });
      },
    }),
    route({
      method: 'post',
      path: '/api/session',
      summary: 'Sign in with a one-time link’s token or with name and password; sets a cookie',
      roles: 'open',
      body: schemas.credentialsSchema,
      answer: schemas.meSchema,
      handle: async ({ body, request, response }) => {
        const user =
          'token' in body
            ? await records.users.redeemSignInLink(signInActor(), body.token)
            : await records.users.verifyPassword(signInActor(), body.name, body.password);
        if (user === null) throw ApiRefusal.wrongCredentials();
        await openSession(records, { request, response }, user.name, sessionHours);
        return me(parts, user);
      },
    }),
  ];
}

function sessionRoutes(parts: ApiParts): Route[] {
  return [
    route({
      method: 'get',
      path: '/api/me',
      summary: 'Who is signed in',
      roles: ROLES,
      answer: schemas.meSchema,
      handle: ({ user }) => Promise.resolve(me(parts, known(user))),
    }),
    route({
      method: 'delete',
      path: '/api/session',
      summary: 'Sign out: the session ends',
      roles: ROLES,
      answer: null,
      handle: async ({ user, request, response }) => {
        const { actor, session } = known(user);
        if (session !== null) await parts.records.users.endSession(actor, session);
        forgetSession(request, response);
        return null;
      },
    }),
  ];
}

function studyRoutes({ records, queue, maskPatientData }: ApiParts): Route[] {
  const seesPatients = rolesThatSeePatients(maskPatientData);
  const study = async (
    { studyInstanceUid }: z.infer<typeof schemas.studyParametersSchema>,
    { archive }: z.infer<typeof schemas.archiveQuerySchema>,
  ) => {
    const found = await records.queries.studyDetail(studyInstanceUid, archive);
    if (found === null) throw ApiRefusal.notFound(`Study ${studyInstanceUid}`);
    return found;
  };
  const ofStudy = {
    parameters: schemas.studyParametersSchema,
    query: schemas.archiveQuerySchema,
  };
  return [
    route({
      method: 'get',
      path: '/api/studies',
      summary: 'The processed-study table, newest first; names no patient',
      roles: ROLES,
      query: schemas.studiesQuerySchema,
      answer: schemas.studyPageSchema,
      handle: async ({ query, user }) => {
        const textIn = seesPatients.includes(known(user).role) ? 'everything' : 'study';
        const page = await records.queries.studiesPage({ ...studiesQuery(query), textIn });
        return { studies: page.rows.map(studyRowView), next: page.next };
      },
    }),
    route({
      ...ofStudy,
      method: 'get',
      path: '/api/studies/{studyInstanceUid}',
      summary: 'One study: every series with its verdict, jobs, results and findings; no patient',
      roles: ROLES,
      answer: schemas.studySchema,
      handle: async ({ parameters, query }) => {
        const found = await study(parameters, query);
        return studyView(found, await records.models.cardsOf(found.jobs));
      },
    }),
    route({
      ...ofStudy,
      method: 'get',
      path: '/api/studies/{studyInstanceUid}/patient',
      summary: 'Whose study it is. Every answer is a look at patient data and is recorded as such',
      roles: seesPatients,
      answer: schemas.patientSchema,
      handle: async ({ parameters, query, user }) => {
        const found = await study(parameters, query);
        await records.audit.note(
          known(user).actor,
          'patient.viewed',
          'study',
          found.studyInstanceUid,
          { archive: found.archive },
        );
        return patientView(found);
      },
    }),
    route({
      ...ofStudy,
      method: 'post',
      path: '/api/studies/{studyInstanceUid}/rerun',
      summary: 'A new numbered run of every target of the study; earlier results stay',
      roles: ['admin'],
      answer: schemas.rerunSchema,
      handle: async ({ parameters, query, user }) => {
        const { archive } = query;
        const what = { ...parameters, ...(archive === undefined ? {} : { archive }) };
        const jobs = await records.jobs.rerun(known(user).actor, what, queue.enqueue);
        return { jobs: jobs.map((job) => job.id) };
      },
    }),
    route({
      method: 'get',
      path: '/api/jobs/{jobId}/preview.png',
      summary: 'Axial, coronal and sagittal slice with the structures outlined',
      roles: ROLES,
      parameters: schemas.jobParametersSchema,
      answer: { media: 'image/png' },
      handle: async ({ parameters }) => {
        const picture = await records.jobs.loadPreview(parameters.jobId);
        if (picture === null) throw ApiRefusal.notFound('A preview of this job');
        return picture;
      },
    }),
  ];
}

function nodeRoutes({ records, health, metrics, version }: ApiParts): Route[] {
  return [
    route({
      method: 'get',
      path: '/api/node',
      summary: 'What this node is, how its parts are and how many studies it has',
      roles: ROLES,
      answer: schemas.nodeSchema,
      handle: async () => {
        const { studies } = await records.queries.counts();
        return { version, ...health.summary(), studies };
      },
    }),
    route({
      method: 'get',
      path: '/metrics',
      summary: 'Counters for Prometheus; give the scraper an API token',
      roles: ['admin', 'auditor'],
      answer: { media: metrics.registry.contentType },
      handle: () => metrics.registry.metrics(),
    }),
  ];
}

function me(
  { maskPatientData }: ApiParts,
  { name, role }: { readonly name: string; readonly role: Role },
): z.infer<typeof schemas.meSchema> {
  return { name, role, seesPatients: rolesThatSeePatients(maskPatientData).includes(role) };
}

function studiesQuery(query: z.infer<typeof schemas.studiesQuerySchema>): StudiesQuery {
  const { outcome, from, to, sequence, archive, text, cursor, limit } = query;
  return {
    ...(outcome === undefined ? {} : { state: outcome }),
    ...(from === undefined ? {} : { from: new Date(from) }),
    ...(to === undefined ? {} : { to: new Date(to) }),
    ...(sequence === undefined ? {} : { sequence }),
    ...(archive === undefined ? {} : { archive }),
    ...(text === undefined ? {} : { text }),
    ...(cursor === undefined ? {} : { cursor }),
    ...(limit === undefined ? {} : { limit }),
  };
}

function known(user: SignedIn | null): SignedIn {
  if (user === null) throw ApiRefusal.notSignedIn();
  return user;
}
