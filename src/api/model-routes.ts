import { ROLES, type Records } from '../records/index.ts';
import { ApiRefusal } from './refusal.ts';
import { route, type Route } from './route.ts';
import * as schemas from './schemas.ts';

/** The cards of the models that jobs ran with; what the record has, not what this host has now. */
export function modelRoutes(records: Records): Route[] {
  return [
    route({
      method: 'get',
      path: '/api/models/{name}',
      summary: 'The card of a model: intended use, licence, training, performance, limits, origin',
      roles: ROLES,
      parameters: schemas.modelNameSchema,
      query: schemas.modelQuerySchema,
      answer: schemas.modelSchema,
      handle: async ({ parameters, query }) => {
        const found = await records.models.find(parameters.name, query.hash);
        if (found === null) throw ApiRefusal.notFound(`A model "${parameters.name}" with a card`);
        return schemas.modelSchema.parse(found.card);
      },
    }),
  ];
}
