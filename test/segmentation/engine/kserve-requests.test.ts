import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { rejection } from '../support/errors.ts';
import { temporaryFolder } from '../support/nnunet-folder.ts';
import {
  binaryAnswer,
  jsonAnswer,
  logitsOf,
  modelMetadata,
  patchOf,
  startInferenceServer,
  testPatch,
} from '../support/inference-server.ts';
import { connectTo, FILE, SHA256 } from '../support/remote.ts';

describe('requests to a KServe v2 server', () => {
  it('asks for everything it must know before the first patch, in the protocol’s paths', async () => {
    const server = await startInferenceServer();
    const engine = await connectTo(server.url);
    expect(server.received.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'GET /v2/health/ready',
      'GET /v2',
      'GET /v2/models/m-fold-0',
      'GET /v2/models/m-fold-0/ready',
      'GET /v2/models/m-fold-0/config',
      'POST /v2/models/m-fold-0/infer',
    ]);
    expect(engine).toMatchObject({ name: 'test 9 via KServe v2', device: 'kserve' });
    await engine.close();
  });

  it('names a version where one is configured, and escapes names', async () => {
    const server = await startInferenceServer();
    const models = { name: '{model}/{modelVersion} {fold}', version: '{fold}7' };
    const engine = await connectTo(server.url, { models });
    expect(server.received.at(-1)?.path).toBe('/v2/models/m%2F1%200/versions/07/infer');
    expect(engine.remote.networks).toMatchObject([{ name: 'm/1 0', version: '07' }]);
    await engine.close();
  });

  it('sends a patch as little-endian bytes behind a JSON header of the announced length', async () => {
    const server = await startInferenceServer();
    const engine = await connectTo(server.url, { headers: { authorization: 'Bearer secret' } });
    const network = await engine.open(FILE, 1, [2, 3, 4]);
    const patch = testPatch(1);
    const answer = await network.run(patch);
    const sent = server.received.at(-1);
    const length = Number(sent?.headers['inference-header-content-length']);
    expect(JSON.parse(sent?.body.toString('utf8', 0, length) ?? '')).toEqual({
      parameters: { binary_data_output: true },
      inputs: [
        {
          name: 'patch',
          datatype: 'FP32',
          shape: [1, 1, 2, 3, 4],
          parameters: { binary_data_size: 96 },
        },
      ],
      outputs: [{ name: 'logits', parameters: { binary_data: true } }],
    });
    expect(sent?.headers).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-length': String(length + 96),
      authorization: 'Bearer secret',
    });
    patch.forEach((value, i) => {
      expect(sent?.body.readFloatLE(length + 4 * i)).toBe(value);
    });
    expect(answer).toEqual(logitsOf(patch));
    await engine.close();
  });

  it('speaks JSON with a server that names no binary extension', async () => {
    const server = await startInferenceServer((request) => {
      if (request.path === '/v2') return jsonAnswer({ name: 'plain', version: null });
      if (!request.path.endsWith('/infer')) return null;
      const data = [[Array.from(logitsOf(patchOf(request)))]];
      const tensor = { name: 'logits', datatype: 'FP32', shape: [1, 2, 2, 3, 4], data };
      return jsonAnswer({ outputs: [tensor] });
    });
    const engine = await connectTo(server.url);
    const patch = testPatch(2);
    const answer = await (await engine.open(FILE, 1, [2, 3, 4])).run(patch);
    expect(answer).toEqual(logitsOf(patch));
    const sent = JSON.parse(server.received.at(-1)?.body.toString('utf8') ?? '') as {
      inputs: [{ data: number[]; shape: number[] }];
    };
    expect(sent.inputs[0].shape).toEqual([1, 1, 2, 3, 4]);
    expect(Float32Array.from(sent.inputs[0].data)).toEqual(patch);
    expect(engine.name).toBe('plain via KServe v2');
    await engine.close();
  });

  it('sends bytes once a server answered in bytes, whatever it says about itself', async () => {
    const server = await startInferenceServer(({ path }) =>
      path === '/v2' ? jsonAnswer({ name: 'modest', version: '1', extensions: [] }) : null,
    );
    const engine = await connectTo(server.url);
    await (await engine.open(FILE, 1, [2, 3, 4])).run(testPatch(3));
    const types = server.received
      .filter(({ path }) => path.endsWith('/infer'))
      .map(({ headers }) => headers['content-type']);
    expect(types).toEqual(['application/json', 'application/octet-stream']);
    await engine.close();
  });

  it('keeps connections alive for requests that follow each other', async () => {
    const server = await startInferenceServer();
    const engine = await connectTo(server.url);
    const network = await engine.open(FILE, 1, [2, 3, 4]);
    for (let i = 0; i < 20; i += 1) await network.run(testPatch(i));
    // A request that comes before the last one's connection is free again may open a second one.
    expect(server.connections()).toBeLessThanOrEqual(2);
    await engine.close();
  });

  it('runs as many patches at a time as it is allowed, each into an array of its own', async () => {
    let open = (): void => undefined;
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    let probed = false;
    const server = await startInferenceServer((request) => {
      if (!request.path.endsWith('/infer')) return null;
      if (!probed) {
        probed = true;
        return null;
      }
      if (server.mostAtOnce() === 3) open();
      return { ...binaryAnswer(logitsOf(patchOf(request))), after: gate };
    });
    const engine = await connectTo(server.url, { parallel: 3 });
    const network = await engine.open(FILE, 1, [2, 3, 4]);
    expect(network.parallel).toBe(3);
    const patches = [1, 2, 3].map(testPatch);
    const answers = await Promise.all(patches.map((patch) => network.run(patch)));
    expect(answers).toEqual(patches.map(logitsOf));
    await engine.close();
  });

  it('records what the server’s configuration says about the file', async () => {
    const server = await startInferenceServer(({ path }) =>
      path.endsWith('/config')
        ? jsonAnswer({ parameters: { situs_sha256: { string_value: SHA256.toUpperCase() } } })
        : null,
    );
    const engine = await connectTo(server.url);
    expect(engine.remote).toEqual({
      url: server.url,
      weightsVerified: true,
      networks: [
        { fold: 0, name: 'm-fold-0', version: '1', sha256: SHA256, deviation: 0, verified: true },
      ],
    });
    await engine.close();
  });

  it('reads the hash from the metadata of servers that have no configuration', async () => {
    const server = await startInferenceServer(({ path }) =>
      path.endsWith('/m-fold-0')
        ? jsonAnswer(modelMetadata({ versions: null, parameters: { situs_sha256: SHA256 } }))
        : null,
    );
    const engine = await connectTo(server.url);
    expect(engine.remote.networks).toMatchObject([{ version: null, sha256: SHA256 }]);
    await engine.close();
  });
});

describe('TLS', () => {
  it('needs a certificate that is trusted, and trusts the one that is configured', async () => {
    const folder = temporaryFolder();
    const files = ['-keyout', join(folder, 'key.pem'), '-out', join(folder, 'cert.pem')];
    const subject = ['-subj', '/CN=gpu', '-addext', 'subjectAltName=IP:127.0.0.1'];
    const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    execFileSync('openssl', ['req', ...kind, '-days', '2', ...subject, ...files], {
      stdio: 'pipe',
    });
    const [key, cert] = ['key.pem', 'cert.pem'].map((name) =>
      readFileSync(join(folder, name), 'utf8'),
    );
    const server = await startInferenceServer(() => null, { key: key ?? '', cert: cert ?? '' });
    const error = await rejection(connectTo(server.url));
    expect(error).toMatchObject({ code: 'KSERVE_TLS', errorClass: 'retry' });
    expect(server.received).toEqual([]);
    const engine = await connectTo(server.url, { ca: cert ?? '' });
    expect(engine.remote.weightsVerified).toBe(true);
    await engine.close();
  });
});
