import type * as ort from 'onnxruntime-node';
import type { Placement } from './engine.ts';
import { recordPlacement } from './placement.ts';
import { createSession, runSession, type ModelSource, type Runtime } from './session.ts';

/** A loaded model. */
export interface WatchedSession {
  /** Outputs by name of inputs by name. */
  run(feeds: ort.InferenceSession.FeedsType): Promise<ort.InferenceSession.ReturnType>;
  release(): Promise<void>;
}

/**
 * Loads a model whose first run is watched, on devices other than the CPU.
 * @param told gets what ran where in the first run
 * @throws SitusError `NETWORK_NOT_LOADED`, `DEVICE_NOT_AVAILABLE`; runs `DEVICE_FELL_BACK` (the first), `DEVICE_FAILED`,
 *   `NETWORK_FAILED`.
 */
export async function openWatched(
  runtime: Runtime,
  source: ModelSource,
  told: (placement: Placement) => void,
): Promise<WatchedSession> {
  const recorder = runtime.device === 'cpu' ? null : await recordPlacement(runtime.device);
  const session = await createSession(runtime, {
    ...source,
    options: { ...source.options, ...recorder?.options },
  }).catch(async (error: unknown) => {
    await recorder?.discard();
    throw error;
  });
  let isWatched = recorder !== null;
  return {
    async run(feeds) {
      const answer = await runSession(runtime, session, feeds);
      if (isWatched && recorder !== null) {
        isWatched = false;
        told(await recorder.read(session));
      }
      return answer;
    },
    async release() {
      await session.release();
      if (isWatched) await recorder?.discard();
    },
  };
}

/**
 * Loads a model, runs it once on any device and asks the runtime what ran where.
 * @throws SitusError as `openWatched` and its first run
 */
export async function runOnce(
  runtime: Runtime,
  source: ModelSource,
  feeds: ort.InferenceSession.FeedsType,
): Promise<{
  readonly answer: ort.InferenceSession.ReturnType;
  readonly placement: Placement;
}> {
  const recorder = await recordPlacement(runtime.device);
  try {
    const session = await createSession(runtime, {
      ...source,
      options: { ...source.options, ...recorder.options },
    });
    try {
      const answer = await runSession(runtime, session, feeds);
      return { answer, placement: await recorder.read(session) };
    } finally {
      await session.release();
    }
  } finally {
    await recorder.discard();
  }
}
