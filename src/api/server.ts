import { join } from 'node:path';
import express, { type NextFunction, type Request, type Response } from 'express';
import helmet from 'helmet';
import { z } from 'zod';
import type { Logger } from '../telemetry/index.ts';
import { requireRole, sameOrigin, signedIn } from './auth.ts';
import { listen, type ListenOptions, type Listening } from './listen.ts';
import { ApiRefusal, asAnswer } from './refusal.ts';
import { isMedia, type Route } from './route.ts';
import { routes, type ApiParts } from './routes.ts';
import { signInLimit } from './sign-in-limit.ts';

export interface ApiOptions extends ApiParts, ListenOptions {
  /** Folder of the built page; null serves the API alone. */
  readonly webFolder: string | null;
  readonly log: Logger;
}

const CONTENT_SECURITY_POLICY = {
  useDefaults: false,
  directives: {
    defaultSrc: ["'self'"],
    imgSrc: ["'self'", 'data:'],
    objectSrc: ["'none'"],
    baseUri: ["'none'"],
    formAction: ["'self'"],
    frameAncestors: ["'none'"],
  },
};
const RETRY_AFTER_SECONDS = '5';
const ASSETS = '/assets/';

/** The Express application: closed by default, every route but health and sign-in needs a role. */
export function createApi(options: ApiOptions): express.Express {
  const app = express();
  app.disable('x-powered-by');
  app.use(helmet({ contentSecurityPolicy: CONTENT_SECURITY_POLICY }));
  app.use((request, response, next) => {
    // Answers hold patient data: no cache keeps them. The page's own files are told apart below.
    response.set('Cache-Control', 'no-store');
    sameOrigin(request, response, next);
  });
  app.use('/api', express.json({ limit: '100kb' }));
  app.post('/api/session', ...signInLimit());
  for (const one of routes(options)) mount(app, one, options);
  app.use(['/api', '/metrics'], () => {
    throw ApiRefusal.notFound('This address');
  });
  if (options.webFolder !== null) mountPage(app, options.webFolder);
  app.use(() => {
    throw ApiRefusal.notFound('This address');
  });
  app.use((thrown: unknown, request: Request, response: Response, _next: NextFunction) => {
    const { status, error } = asAnswer(thrown);
    if (status >= 500) options.log.error({ err: thrown, path: request.path }, 'request failed');
    if (status === 503) response.set('Retry-After', RETRY_AFTER_SECONDS);
    if (response.headersSent) response.destroy();
    else response.status(status).json({ error });
  });
  return app;
}

function mount(app: express.Express, one: Route, { records }: ApiOptions): void {
  const path = one.path.replaceAll(/\{(\w+)\}/g, ':$1');
  const guards = one.roles === 'open' ? [] : [requireRole(records, one.roles)];
  app[one.method](path, ...guards, async (request: Request, response: Response) => {
    const answer: unknown = await one.handle({
      parameters: parse(one.parameters, request.params, 'address') as Record<string, unknown>,
      query: parse(one.query, request.query, 'query'),
      body: parse(one.body, request.body, 'body'),
      user: one.roles === 'open' ? null : signedIn(response),
      request,
      response,
    });
    if (one.answer === null) response.status(204).end();
    else if (isMedia(one.answer)) response.type(one.answer.media).send(asBody(answer));
    else response.json(answer);
  });
}

function asBody(answer: unknown): unknown {
  return answer instanceof Uint8Array ? Buffer.from(answer) : answer;
}

/** Names of Vite's assets change with their content; the page that names them must stay fresh. */
function mountPage(app: express.Express, folder: string): void {
  app.use(ASSETS, express.static(join(folder, ASSETS), { maxAge: '1y', immutable: true }));
  app.use(ASSETS, () => {
    throw ApiRefusal.notFound('This file of the page');
  });
  app.get(/.*/, (_request, response) => {
    response.set('Cache-Control', 'no-cache');
    response.sendFile(join(folder, 'index.html'), { cacheControl: false });
  });
}

function parse(schema: z.ZodType | undefined, input: unknown, where: string): unknown {
  if (schema === undefined) return undefined;
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  throw ApiRefusal.badRequest(`The ${where} is not right: ${problems(result.error)}`);
}

function problems(error: z.ZodError): string {
  return z
    .prettifyError(error)
    .replaceAll(/\s*\n\s*/g, ' ')
    .replaceAll('✖ ', '')
    .slice(0, 1000);
}

/**
 * Starts to listen. Usage errors: API_PORT_TAKEN, API_CANNOT_LISTEN, API_CERTIFICATE_UNUSABLE.
 * Listening on more than this machine without TLS is allowed (a proxy may do it) and logged.
 */
export function startApi(options: ApiOptions): Promise<Listening> {
  return listen(createApi(options), options, options.log);
}
