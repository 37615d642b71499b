import type { Queue } from '../jobs/index.ts';
import { ROLES, type Records, type StudiesQuery } from '../records/index.ts';
import type { Health } from '../telemetry/index.ts';
import { openSession, SESSION_COOKIE, userActor, type SignedIn } from './auth.ts';
import { ApiRefusal } from './refusal.ts';
import { route, type Route } from './route.ts';
import * as schemas from './schemas.ts';
import { seesPatients, studyRowView, studyView } from './views.ts';
import type { z } from 'zod';

export interface ApiParts {
  readonly records: Records;
  readonly queue: Pick<Queue, 'enqueue'>;
  readonly health: Health;
}

/** Every address of the API but the page itself, the pictures and the metrics. */
export function routes(parts: ApiParts): readonly Route[] {
  return [...openRoutes(parts), ...sessionRoutes(parts), ...studyRoutes(parts)];
}

function openRoutes({ records, health }: ApiParts): Route[] {
  return [
    route({
      method: 'get',
      path: '/api/health',
      summary: 'How the node and its parts are; names no study and no person',
      roles: 'open',
      answer: schemas.healthSchema,
      handle: ({ response }) => {
        const summary = health.summary();
        if (summary.level === 'down') response.status(503);
        return Promise.resolve(summary);
      },
    }),
    route({
      method: 'post',
      path: '/api/session',
      summary: 'Sign in with a one-time link’s token or with name and password',
      roles: 'open',
      body: schemas.credentialsSchema,
      answer: schemas.meSchema,
      handle: async ({ body, request, response }) => {
        const user =
          'token' in body
            ? await records.users.redeemSignInLink(userActor('sign-in link'), body.token)
            : await records.users.verifyPassword(userActor(body.name), body.name, body.password);
        if (user === null) throw ApiRefusal.wrongCredentials();
        await openSession(records, request, response, user.name);
        return { name: user.name, role: user.role };
      },
    }),
  ];
}

function sessionRoutes({ records }: ApiParts): Route[] {
  return [
    route({
      method: 'get',
      path: '/api/me',
      summary: 'Who is signed in',
      roles: ROLES,
      answer: schemas.meSchema,
      handle: ({ user }) => {
        const { name, role } = known(user);
        return Promise.resolve({ name, role });
      },
    }),
    route({
      method: 'delete',
      path: '/api/session',
      summary: 'Sign out',
      roles: ROLES,
      answer: null,
      handle: async ({ user, response }) => {
        const { actor, session } = known(user);
        if (session !== null) await records.users.endSession(actor, session);
        response.clearCookie(SESSION_COOKIE, { path: '/' });
        return null;
      },
    }),
  ];
}

function studyRoutes({ records, queue }: ApiParts): Route[] {
  return [
    route({
      method: 'get',
      path: '/api/studies',
      summary: 'The processed-study table, newest first',
      roles: ROLES,
      query: schemas.studiesQuerySchema,
      answer: schemas.studyPageSchema,
      handle: async ({ query }) => {
        const page = await records.queries.studiesPage(studiesQuery(query));
        return { studies: page.rows.map(studyRowView), next: page.next };
      },
    }),
    route({
      method: 'get',
      path: '/api/studies/{studyInstanceUid}',
      summary: 'One study: every series with its verdict, jobs, results and findings',
      roles: ROLES,
      answer: schemas.studySchema,
      handle: async ({ parameters, user }) => {
        const uid = parameters['studyInstanceUid'] ?? '';
        const study = await records.queries.studyDetail(uid);
        if (study === null) throw ApiRefusal.notFound(`Study ${uid}`);
        const { actor, role } = known(user);
        if (seesPatients(role)) {
          await records.audit.note(actor, 'patient.viewed', 'study', uid, {
            archive: study.archive,
          });
        }
        return studyView(study, role);
      },
    }),
    route({
      method: 'post',
      path: '/api/studies/{studyInstanceUid}/rerun',
      summary: 'A new numbered run of every target of the study; earlier results stay',
      roles: ['admin'],
      answer: schemas.rerunSchema,
      handle: async ({ parameters, user }) => {
        const studyInstanceUid = parameters['studyInstanceUid'] ?? '';
        const { actor } = known(user);
        const jobs = await records.jobs.rerun(actor, { studyInstanceUid }, queue.enqueue);
        return { jobs: jobs.map((job) => job.id) };
      },
    }),
  ];
}

function studiesQuery(query: z.infer<typeof schemas.studiesQuerySchema>): StudiesQuery {
  const { outcome, from, to, ...rest } = query;
  return {
    ...withoutUndefined(rest),
    ...(outcome === undefined ? {} : { state: outcome }),
    ...(from === undefined ? {} : { from: new Date(from) }),
    ...(to === undefined ? {} : { to: new Date(to) }),
  };
}

function withoutUndefined<T extends object>(
  value: T,
): { [Key in keyof T]: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as {
    [Key in keyof T]: Exclude<T[Key], undefined>;
  };
}

function known(user: SignedIn | null): SignedIn {
  if (user === null) throw ApiRefusal.notSignedIn();
  return user;
}
