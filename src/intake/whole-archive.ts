import type { SitusError } from '../contracts/index.ts';

const CODES = new Set([
  'ARCHIVE_UNREACHABLE',
  'ARCHIVE_UNAUTHORIZED',
  'ARCHIVE_TLS',
  'ARCHIVE_BUSY',
  'ARCHIVE_CLOSED',
]);

/** Whether an error says something of the whole archive, not of the one study that was asked for. */
export function concernsWholeArchive({ code }: SitusError): boolean {
  return CODES.has(code);
}
