import type { Fingerprint } from './probe.ts';

/** How a KServe v2 server is reached; credentials are values here, as the configuration resolved them. */
export interface KserveSettings {
  /** What stands before `/v2`, e.g. `https://gpu.example:8000`; without user or password. */
  readonly url: string;
  /** Sent with every request: credentials. */
  readonly headers: Readonly<Record<string, string>>;
  /** PEM text of certificates that are trusted besides the public ones; null: none. */
  readonly ca: string | null;
  /** For one request, answer and transfers included. */
  readonly timeoutSeconds: number;
  /** Patches under way at the same time. */
  readonly parallel: number;
  readonly models: {
    /** Name of a fold's network on the server; `{model}`, `{modelVersion}` and `{fold}` are filled in. */
    readonly name: string;
    /** Version on the server, filled in the same way; null: the one that the server chooses. */
    readonly version: string | null;
  };
  /** Whether a server is refused whose networks do not answer as the local weights do. */
  readonly requireVerifiedWeights: boolean;
}

/** What the remote engine must know beside the settings. */
export interface RemoteModel {
  readonly name: string;
  readonly version: string;
  /** The folds that will run. */
  readonly networks: readonly {
    readonly fold: number;
    /** Path of the local ONNX file, by which the network is opened. */
    readonly file: string;
    readonly sha256: string;
    /** Its answer to the probe patch; null: it has to be computed here. */
    readonly fingerprint: Fingerprint | null;
  }[];
}

/** A task's part for the remote engine. */
export interface RemoteTask {
  readonly settings: KserveSettings;
  readonly model: RemoteModel;
}

/** Name and version of one fold's network on the server. */
export interface ServedName {
  readonly name: string;
  readonly version: string | null;
}

export const DEFAULT_KSERVE_MODELS: KserveSettings['models'] = {
  name: '{model}-fold-{fold}',
  version: null,
};

export function servedName(
  pattern: KserveSettings['models'],
  model: { readonly name: string; readonly version: string },
  fold: number,
): ServedName {
  const fill = (text: string): string =>
    text
      .replaceAll('{model}', model.name)
      .replaceAll('{modelVersion}', model.version)
      .replaceAll('{fold}', String(fold));
  return {
    name: fill(pattern.name),
    version: pattern.version === null ? null : fill(pattern.version),
  };
}

/** Path of a served network below the server's address (Open Inference Protocol, HTTP/REST). */
export function servedPath({ name, version }: ServedName): string {
  const model = `v2/models/${encodeURIComponent(name)}`;
  return version === null ? model : `${model}/versions/${encodeURIComponent(version)}`;
}
