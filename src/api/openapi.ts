import { z } from 'zod';
import type { Route } from './route.ts';
import { errorSchema } from './schemas.ts';

/** The OpenAPI 3.1 description of the routes (https://spec.openapis.org/oas/v3.1.0). */
export function openApi(routes: readonly Route[], version: string): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const one of routes) (paths[one.path] ??= {})[one.method] = operation(one);
  return {
    openapi: '3.1.0',
    info: {
      title: 'Situs',
      version,
      description: 'The record of a Situs node: studies, decisions, jobs, results.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    components: {
      securitySchemes: {
        session: { type: 'apiKey', in: 'cookie', name: 'situs_session' },
        token: { type: 'http', scheme: 'bearer' },
      },
      schemas: { Error: schemaOf(z.object({ error: errorSchema })) },
    },
    paths,
  };
}

function operation(one: Route): Record<string, unknown> {
  const failure = {
    description: 'An error with a stable code',
    content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
  };
  const success =
    one.answer === null
      ? { 204: { description: 'Done' } }
      : {
          200: {
            description: 'Done',
            content: { 'application/json': { schema: schemaOf(one.answer) } },
          },
        };
  return {
    summary: one.summary,
    ...(one.roles === 'open'
      ? { security: [] }
      : {
          description: `Roles: ${one.roles.join(', ')}.`,
          security: [{ session: [] }, { token: [] }],
        }),
    parameters: [...pathParameters(one.path), ...queryParameters(one.query)],
    ...(one.body === undefined
      ? {}
      : {
          requestBody: {
            required: true,
            content: { 'application/json': { schema: schemaOf(one.body) } },
          },
        }),
    responses: { ...success, default: failure },
  };
}

function schemaOf(schema: z.ZodType): Record<string, unknown> {
  const whole = z.toJSONSchema(schema, { io: 'input' });
  return Object.fromEntries(Object.entries(whole).filter(([key]) => key !== '$schema'));
}

function pathParameters(path: string): Record<string, unknown>[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
}

function queryParameters(query: z.ZodType | undefined): Record<string, unknown>[] {
  if (query === undefined) return [];
  const { properties = {}, required = [] } = schemaOf(query) as {
    properties?: Record<string, unknown>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema,
  }));
}
