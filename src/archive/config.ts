/** How an archive is reached. Secrets are values here: the configuration has resolved them. */
export interface ArchiveConfig {
  /** Name in `config/situs.yaml`. */
  readonly name: string;
  /** DICOMweb base, e.g. `https://pacs.example/dicom-web`; without user or password. */
  readonly url: string;
  readonly auth: ArchiveAuth;
  readonly tls?: {
    /** PEM text of certificates that are trusted besides the public ones. */
    readonly ca?: string;
  };
  readonly limits?: ArchiveLimits;
  readonly timeouts?: ArchiveTimeouts;
  /** Where Orthanc's own API is, for `changes`; `auto` looks beside a base that ends in `/dicom-web`. */
  readonly orthanc?: 'auto' | 'none' | { readonly url: string };
  /** Rows asked for at a time when studies and series are searched. Default 50. */
  readonly pageSize?: number;
}

export type ArchiveAuth =
  | { readonly kind: 'none' }
  | { readonly kind: 'basic'; readonly username: string; readonly password: string }
  | { readonly kind: 'bearer'; readonly token: string }
  | { readonly kind: 'headers'; readonly headers: Readonly<Record<string, string>> };

/** Guarantee 6: what this archive is asked to bear. */
export interface ArchiveLimits {
  /** Requests a second, of all kinds together. Default 10. */
  readonly requestsPerSecond?: number;
  /** Transfers (retrieve, store) at a time. Default 2. */
  readonly parallel?: number;
  /** Times of the day, local time, in which the archive may be used; always when absent or empty. */
  readonly hours?: readonly DayWindow[];
  /** Bytes of one STOW request; a larger instance goes alone. Default 32 MiB. */
  readonly storeBytes?: number;
  /** Bytes of one retrieved instance; more is refused. Default 2 GiB - 1. */
  readonly instanceBytes?: number;
  /** Bytes of one JSON answer; more is refused. Default 256 MiB. */
  readonly jsonBytes?: number;
}

/** `from` and `to` as `HH:MM`; a window whose end is before its begin goes past midnight. */
export interface DayWindow {
  readonly from: string;
  readonly to: string;
}

/** Milliseconds. */
export interface ArchiveTimeouts {
  /** TCP and TLS. Default 10,000. */
  readonly connect?: number;
  /** Until the first byte of the answer; searches may take their time. Default 120,000. */
  readonly answer?: number;
  /** Silence inside an answer. Default 60,000. */
  readonly idle?: number;
}

/** Everything set. */
export interface ArchiveSettings {
  readonly name: string;
  /** Without a slash at the end. */
  readonly url: string;
  readonly auth: ArchiveAuth;
  readonly ca: string | null;
  readonly limits: Required<ArchiveLimits>;
  readonly timeouts: Required<ArchiveTimeouts>;
  readonly orthanc: 'auto' | 'none' | { readonly url: string };
  readonly pageSize: number;
}

const MIB = 1 << 20;

/** Fills in the defaults. */
export function withDefaults(config: ArchiveConfig): ArchiveSettings {
  return {
    name: config.name,
    url: config.url.replace(/\/+$/, ''),
    auth: config.auth,
    ca: config.tls?.ca ?? null,
    limits: {
      requestsPerSecond: config.limits?.requestsPerSecond ?? 10,
      parallel: config.limits?.parallel ?? 2,
      hours: config.limits?.hours ?? [],
      storeBytes: config.limits?.storeBytes ?? 32 * MIB,
      instanceBytes: config.limits?.instanceBytes ?? 2048 * MIB - 1,
      jsonBytes: config.limits?.jsonBytes ?? 256 * MIB,
    },
    timeouts: {
      connect: config.timeouts?.connect ?? 10_000,
      answer: config.timeouts?.answer ?? 120_000,
      idle: config.timeouts?.idle ?? 60_000,
    },
    orthanc: config.orthanc ?? 'auto',
    pageSize: config.pageSize ?? 50,
  };
}
