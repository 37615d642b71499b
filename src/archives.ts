import { readFileSync } from 'node:fs';
import { createArchive, type Archive } from './archive/index.ts';
import type { ArchiveConfig, SitusConfig } from './config/index.ts';
import { messageOf, SitusError } from './contracts/index.ts';

export interface Archives {
  /** Throws ARCHIVE_UNKNOWN (usage) when the configuration has no archive of that name. */
  readonly get: (name: string) => Archive;
  close(): Promise<void>;
}

/** The archives of the configuration, each with its own manners and connections. */
export function openArchives(config: SitusConfig): Archives {
  const archives = new Map(config.archives.map((one) => [one.name, openArchive(one)]));
  return {
    get(name) {
      const archive = archives.get(name);
      if (archive !== undefined) return archive;
      throw new SitusError({
        code: 'ARCHIVE_UNKNOWN',
        message: `There is no archive "${name}" in the configuration; known are ${[...archives.keys()].join(', ')}.`,
        next: 'Add it under archives in config/situs.yaml, or name another in the rule.',
        errorClass: 'usage',
        origin: 'configuration',
      });
    },
    async close() {
      await Promise.all([...archives.values()].map((archive) => archive.close()));
    },
  };
}

/** An archive from its part of `config/situs.yaml`; reads the files it names. */
export function openArchive(one: ArchiveConfig): Archive {
  return createArchive({
    name: one.name,
    url: one.url,
    auth:
      one.auth.kind === 'basic'
        ? { kind: 'basic', username: one.auth.user, password: one.auth.password }
        : one.auth,
    ...(one.tls === undefined ? {} : { tls: { ca: certificateOf(one.name, one.tls.ca) } }),
    limits: {
      requestsPerSecond: one.limits.requestsPerSecond,
      parallel: one.limits.parallel,
      storeBytes: one.limits.storeSize,
      hours: (one.limits.hours ?? []).map((window) => {
        const [from = '00:00', to = '24:00'] = window.split('-');
        return { from, to };
      }),
    },
    timeouts: {
      connect: one.timeouts.connectSeconds * 1000,
      answer: one.timeouts.requestSeconds * 1000,
      idle: one.timeouts.transferSeconds * 1000,
    },
    orthanc: one.orthanc ?? 'auto',
  });
}

function certificateOf(archive: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new SitusError({
      code: 'ARCHIVE_CA_UNREADABLE',
      message: `The certificate of archive "${archive}" cannot be read from ${path}: ${messageOf(cause)}`,
      next: 'Correct tls.ca of this archive in config/situs.yaml.',
      errorClass: 'usage',
      origin: 'configuration',
      cause,
    });
  }
}
