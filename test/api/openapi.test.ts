import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { routes } from '../../src/api/routes.ts';
import { tokenOf } from '../support/records-scene.ts';
import { apiOptions, ask, startTestApi, type ApiUnderTest } from './api-under-test.ts';

interface Operation {
  readonly operationId: string;
  readonly security?: readonly object[];
  readonly parameters: readonly {
    readonly name: string;
    readonly in: string;
    readonly required: boolean;
    readonly schema: object;
  }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { schema: object }>> };
  readonly responses: Readonly<Record<string, { readonly description: string }>>;
}
interface Description {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string };
  readonly security: readonly object[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, object>>;
    readonly securitySchemes: Readonly<Record<string, object>>;
  };
}

let api: ApiUnderTest;
let description: Description;

beforeAll(async () => {
  api = await startTestApi();
  const token = await tokenOf(api.records, 'auditor');
  description = (await ask(`${api.url}/api/openapi.json`, { token })).body as Description;
});
afterAll(() => api.stop());

const operations = () =>
  Object.entries(description.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );

/** Every `$ref` anywhere below. */
function references(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, one]) =>
    key === '$ref' && typeof one === 'string' ? [one] : references(one),
  );
}

describe('the OpenAPI description', () => {
  it('has what version 3.1 requires', () => {
    expect(description.openapi).toBe('3.1.0');
    expect(description.info).toMatchObject({ title: 'Situs', version: '1.2.3' });
    const ids = operations().map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { path, operation } of operations()) {
      const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const given = operation.parameters.filter((one) => one.in === 'path');
      expect(given.map((one) => one.name)).toEqual(named);
      for (const one of given) expect(one.required).toBe(true);
      for (const [status, response] of Object.entries(operation.responses)) {
        expect(status).toMatch(/^([1-5]\d\d|default)$/);
        expect(response.description).not.toBe('');
      }
    }
  });

  it('lists every route, and no other', () => {
    const listed = operations().map(({ method, path }) => `${method} ${path}`);
    const table = routes(apiOptions(api.records)).map(({ method, path }) => `${method} ${path}`);
    expect(listed.sort()).toEqual(table.sort());
  });

  it('says which routes are open', () => {
    expect(description.security).toEqual([{ session: [] }, { token: [] }]);
    expect(Object.keys(description.components.securitySchemes)).toEqual(['session', 'token']);
    const open = operations().filter(({ operation }) => operation.security?.length === 0);
    expect(open.map(({ path }) => path).sort()).toEqual(['/api/health', '/api/session']);
  });

  it('refers only to what it defines', () => {
    const defined = Object.keys(description.components.schemas).map(
      (name) => `#/components/schemas/${name}`,
    );
    const used = references(description);
    expect(used.length).toBeGreaterThan(10);
    for (const one of used) expect(defined).toContain(one);
  });

  it('describes the parameters of a query with their types', () => {
    const { parameters } = description.paths['/api/studies']?.['get'] ?? { parameters: [] };
    const limit = parameters.find((one) => one.name === 'limit');
    expect(limit).toMatchObject({ in: 'query', required: false });
    expect(parameters.find((one) => one.name === 'outcome')?.schema).toMatchObject({
      type: 'string',
      enum: expect.arrayContaining(['held', 'stored-with-refusals']) as unknown,
    });
  });
});
