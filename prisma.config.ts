import { defineConfig } from 'prisma/config';

/** `prisma generate` needs no database; `prisma migrate deploy` takes the one Situs is configured with. */
const url = process.env['SITUS_DATABASE_URL'];

export default defineConfig({
  schema: 'prisma/schema.prisma',
  migrations: { path: 'prisma/migrations' },
  ...(url === undefined ? {} : { datasource: { url } }),
});
