import { z } from 'zod';
import { isMedia, type Route } from './route.ts';
import * as schemas from './schemas.ts';

type Json = Record<string, unknown>;

/** Answers and bodies that have a name in the description; whoever generates a client gets types of these names. */
const NAMED = {
  Error: z.object({ error: schemas.errorSchema }),
  Credentials: schemas.credentialsSchema,
  Finding: schemas.findingSchema,
  Health: schemas.healthSchema,
  Job: schemas.jobSchema,
  Me: schemas.meSchema,
  Model: schemas.modelSchema,
  Node: schemas.nodeSchema,
  Patient: schemas.patientSchema,
  Rerun: schemas.rerunSchema,
  Result: schemas.resultSchema,
  Series: schemas.seriesSchema,
  Step: schemas.stepSchema,
  Study: schemas.studySchema,
  StudyPage: schemas.studyPageSchema,
  StudyRow: schemas.studyRowSchema,
} as const;

/** The OpenAPI 3.1 description of the routes (https://spec.openapis.org/oas/v3.1.0). */
export function openApi(routes: readonly Route[], version: string): Json {
  const paths: Record<string, Json> = {};
  for (const one of routes) (paths[one.path] ??= {})[one.method] = operation(one);
  return {
    openapi: '3.1.0',
    info: {
      title: 'Situs',
      version,
      summary: 'The record of a Situs node: studies, decisions, jobs, results.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    security: [{ session: [] }, { token: [] }],
    paths,
    components: {
      securitySchemes: {
        session: { type: 'apiKey', in: 'cookie', name: 'situs_session' },
        token: { type: 'http', scheme: 'bearer' },
      },
      schemas: namedSchemas(),
    },
  };
}

function operation(one: Route): Json {
  return {
    operationId: operationId(one),
    summary: one.summary,
    ...(one.roles === 'open'
      ? { security: [] }
      : { description: `Roles: ${one.roles.join(', ')}.` }),
    parameters: [...parametersIn('path', one.parameters), ...parametersIn('query', one.query)],
    ...(one.body === undefined
      ? {}
      : { requestBody: { required: true, content: json(schemaOf(one.body)) } }),
    responses: {
      ...success(one.answer),
      default: {
        description: 'An error with a stable code',
        content: json({ $ref: '#/components/schemas/Error' }),
      },
    },
  };
}

function success(answer: Route['answer']): Json {
  if (answer === null) return { 204: { description: 'Done' } };
  const content = isMedia(answer) ? { [answer.media]: {} } : json(schemaOf(answer));
  return { 200: { description: 'Done', content } };
}

/** `get /api/studies/{studyInstanceUid}/patient` → `getStudiesPatient` */
function operationId({ method, path }: Route): string {
  const one = path.endsWith('}') ? 'One' : '';
  const words = path
    .replace(/^\/api\//, '')
    .replaceAll(/\{\w+\}/g, '')
    .split(/[^a-z]+/i)
    .filter((word) => word !== '');
  return [method, ...words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)), one].join(
    '',
  );
}

function json(schema: Json): Json {
  return { 'application/json': { schema } };
}

function namedSchemas(): Json {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(NAMED)) registry.add(schema, { id });
  const { schemas: made } = z.toJSONSchema(registry, {
    io: 'input',
    uri: (id) => `#/components/schemas/${id}`,
  });
  return Object.fromEntries(Object.entries(made).map(([id, one]) => [id, bare(one)]));
}

function schemaOf(schema: z.ZodType): Json {
  const named = Object.entries(NAMED).find(([, one]) => one === schema);
  if (named !== undefined) return { $ref: `#/components/schemas/${named[0]}` };
  return bare(z.toJSONSchema(schema, { io: 'input' }));
}

/** Without what is right for a file of its own alone; 2020-12 is what OpenAPI 3.1 takes anyway. */
function bare(schema: object): Json {
  const alone = ['$schema', '$id', 'id', '~standard'];
  return Object.fromEntries(Object.entries(schema).filter(([key]) => !alone.includes(key)));
}

function parametersIn(where: 'path' | 'query', schema: z.ZodType | undefined): Json[] {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = schemaOf(schema) as {
    properties?: Record<string, Json>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, { description, ...one }]) => ({
    name,
    in: where,
    required: required.includes(name),
    ...(description === undefined ? {} : { description }),
    schema: one,
  }));
}
