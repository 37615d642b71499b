import { PostgresService } from './postgres-service.ts';

declare global {
  var situsTestPostgres: PostgresService | undefined;
}

export default async function setUp(): Promise<void> {
  const service = new PostgresService();
  await service.listen();
  globalThis.situsTestPostgres = service;
}
