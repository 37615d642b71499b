import { describe, expect, it } from '@jest/globals';
import {
  binaryAnswer,
  jsonAnswer,
  logitsOf,
  patchOf,
  startInferenceServer,
  type Script,
} from '../support/inference-server.ts';
import { rejection } from '../support/errors.ts';
import { connectTo } from '../support/remote.ts';

/** A server whose logits are off by this share. */
function off(share: number): Script {
  return (request) => {
    if (!request.path.endsWith('/infer')) return null;
    return binaryAnswer(logitsOf(patchOf(request)).map((value) => value * (1 + share)));
  };
}

describe('the weights that a server runs', () => {
  it.each([0, 1e-6, 5e-3])('are taken for the same when logits are off by %p', async (share) => {
    const server = await startInferenceServer(off(share));
    const engine = await connectTo(server.url);
    const { remote } = engine;
    expect(remote.weightsVerified).toBe(true);
    expect(remote.networks[0]?.deviation).toBeCloseTo(share, 5);
    await engine.close();
  });

  it.each([0.05, -1, 1e6])('are refused when logits are off by %p', async (share) => {
    const server = await startInferenceServer(off(share));
    const error = await rejection(connectTo(server.url));
    expect(error).toMatchObject({ code: 'KSERVE_WEIGHTS_DIFFER', errorClass: 'usage' });
    expect(error?.message).toContain('m-fold-0');
  });

  it('are recorded as not verified where the configuration allows that', async () => {
    const server = await startInferenceServer(off(0.05));
    const engine = await connectTo(server.url, { requireVerifiedWeights: false });
    const { remote } = engine;
    expect(remote).toMatchObject({ weightsVerified: false, networks: [{ verified: false }] });
    await engine.close();
  });

  it('are refused in any case when the server names another file', async () => {
    const server = await startInferenceServer(({ path }) =>
      path.endsWith('/config')
        ? jsonAnswer({ parameters: { situs_sha256: { string_value: 'cd'.repeat(32) } } })
        : null,
    );
    const error = await rejection(connectTo(server.url, { requireVerifiedWeights: false }));
    expect(error?.code).toBe('KSERVE_WEIGHTS_DIFFER');
    expect(server.received.some(({ path }) => path.endsWith('/infer'))).toBe(false);
  });
});
