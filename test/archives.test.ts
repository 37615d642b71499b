import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openArchives } from '../src/archives.ts';
import { loadSitusConfig } from '../src/config/index.ts';

let folder: string;
let url: string;
const seen: IncomingHttpHeaders[] = [];
const server = createServer((request, response) => {
  seen.push(request.headers);
  response.writeHead(204).end();
});

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'situs-archives-'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/dicom-web`;
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true, force: true });
});

/** What the archive of a configuration sends with a request. */
async function sentWith(part: string): Promise<IncomingHttpHeaders> {
  const path = join(folder, 'situs.yaml');
  await writeFile(path, `archives:\n  - name: main\n    url: ${url}\n${part}`);
  const archives = openArchives((await loadSitusConfig(path)).value);
  try {
    await archives.get('main').ping();
  } finally {
    await archives.close();
  }
  return seen.at(-1) ?? {};
}

describe('an archive of the configuration', () => {
  it('is asked with user and password', async () => {
    const headers = await sentWith('    auth: { kind: basic, user: ada, password: s3cret }\n');
    expect(headers.authorization).toBe(`Basic ${btoa('ada:s3cret')}`);
  });

  it('is asked with a token', async () => {
    const headers = await sentWith('    auth: { kind: bearer, token: abc }\n');
    expect(headers.authorization).toBe('Bearer abc');
  });

  it('is asked with headers of its own', async () => {
    const headers = await sentWith('    auth: { kind: headers, headers: { X-Api-Key: k1 } }\n');
    expect(headers['x-api-key']).toBe('k1');
  });

  it('is refused when the file of its certificate is missing', async () => {
    await expect(sentWith('    tls: { ca: nowhere.pem }\n')).rejects.toMatchObject({
      code: 'ARCHIVE_CA_UNREADABLE',
      errorClass: 'usage',
    });
  });

  it('is named when a rule names one that does not exist', async () => {
    const path = join(folder, 'situs.yaml');
    await writeFile(path, `archives:\n  - name: main\n    url: ${url}\n`);
    const archives = openArchives((await loadSitusConfig(path)).value);
    expect(() => archives.get('other')).toThrow(/known are main/);
    await archives.close();
  });
});
