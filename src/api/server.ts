import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import express, { type NextFunction, type Request, type Response } from 'express';
import { rateLimit } from 'express-rate-limit';
import helmet from 'helmet';
import { z } from 'zod';
import { SitusError } from '../contracts/index.ts';
import { ROLES } from '../records/index.ts';
import type { Logger, Metrics } from '../telemetry/index.ts';
import { requireRole, sameOrigin, signedIn } from './auth.ts';
import { openApi } from './openapi.ts';
import { ApiRefusal, asAnswer } from './refusal.ts';
import type { Route } from './route.ts';
import { routes, type ApiParts } from './routes.ts';

export interface ApiOptions extends ApiParts {
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  readonly version: string;
  /** Folder of the built page; null serves the API alone. */
  readonly webFolder: string | null;
  /** The preview picture of a job, or null when there is none. */
  readonly preview: (jobId: string) => Promise<Uint8Array | null>;
  readonly metrics: Metrics;
  readonly log: Logger;
}

export interface RunningApi {
  readonly url: string;
  stop(): Promise<void>;
}

const SIGN_INS_PER_MINUTE = 20;

/** The Express application: closed by default, every route but health and sign-in needs a role. */
export function createApi(options: ApiOptions): express.Express {
  const app = express();
  app.disable('x-powered-by');
  app.use(helmet({ contentSecurityPolicy: { directives: { upgradeInsecureRequests: null } } }));
  app.use('/api/session', rateLimit({ windowMs: 60_000, limit: SIGN_INS_PER_MINUTE }));
  app.use('/api', sameOrigin, express.json({ limit: '100kb' }));
  app.use('/api', (_request, response, next) => {
    response.set('Cache-Control', 'no-store');
    next();
  });

  const table = routes(options);
  for (const one of table) mount(app, one, options);
  mountExtras(app, table, options);
  app.use('/api', () => {
    throw ApiRefusal.notFound('This address');
  });
  if (options.webFolder !== null) mountPage(app, options.webFolder);
  app.use((thrown: unknown, request: Request, response: Response, _next: NextFunction) => {
    const { status, error } = asAnswer(thrown);
    if (status >= 500) options.log.error({ err: thrown, path: request.path }, 'request failed');
    if (response.headersSent) response.destroy();
    else response.status(status).json({ error });
  });
  return app;
}

function mount(app: express.Express, one: Route, { records }: ApiOptions): void {
  const path = one.path.replaceAll(/\{(\w+)\}/g, ':$1');
  const guards = one.roles === 'open' ? [] : [requireRole(records, one.roles)];
  app[one.method](path, ...guards, async (request: Request, response: Response) => {
    const answer = await one.handle({
      query: parse(one.query, request.query, 'query'),
      body: parse(one.body, request.body, 'body'),
      parameters: request.params as Record<string, string>,
      user: one.roles === 'open' ? null : signedIn(response),
      request,
      response,
    });
    if (one.answer === null) response.status(204).end();
    else response.json(answer);
  });
}

function mountExtras(app: express.Express, table: readonly Route[], options: ApiOptions): void {
  const anyone = requireRole(options.records, ROLES);
  const description = openApi(table, options.version);
  app.get('/api/openapi.json', anyone, (_request, response) => {
    response.json(description);
  });
  app.get('/api/jobs/:id/preview.png', anyone, async (request: Request, response: Response) => {
    const id = z.uuid().safeParse(request.params['id']);
    const picture = id.success ? await options.preview(id.data) : null;
    if (picture === null) throw ApiRefusal.notFound('A preview of this job');
    response.type('png').send(Buffer.from(picture));
  });
  app.get('/metrics', requireRole(options.records, ['admin']), async (_request, response) => {
    response.type(options.metrics.registry.contentType);
    response.send(await options.metrics.registry.metrics());
  });
}

function mountPage(app: express.Express, folder: string): void {
  app.use(express.static(folder, { index: false, maxAge: '1y', immutable: true }));
  app.get(/^\/(?!api\/|metrics$).*/, (_request, response) => {
    response.set('Cache-Control', 'no-cache');
    response.sendFile(join(folder, 'index.html'));
  });
}

function parse(schema: z.ZodType | undefined, input: unknown, where: string): unknown {
  if (schema === undefined) return undefined;
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  throw ApiRefusal.badRequest(`The ${where} is not right: ${z.prettifyError(result.error)}`);
}

/** Starts to listen; API_PORT_TAKEN (usage) when the port is not free. */
export async function startApi(options: ApiOptions): Promise<RunningApi> {
  const server = createServer(createApi(options));
  await listen(server, options.host, options.port);
  const { port } = server.address() as AddressInfo;
  const host = options.host.includes(':') ? `[${options.host}]` : options.host;
  return {
    url: `http://${host}:${port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        new SitusError({
          code: error.code === 'EADDRINUSE' ? 'API_PORT_TAKEN' : 'API_CANNOT_LISTEN',
          message: `The API cannot listen on ${host}:${port}: ${error.message}`,
          next: 'Set api.host and api.port in config/situs.yaml, or end what uses the port.',
          errorClass: 'usage',
          origin: 'configuration',
          cause: error,
        }),
      );
    });
    server.listen(port, host, () => resolve());
  });
}
