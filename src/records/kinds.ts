import type { ModelCard } from '../contracts/index.ts';
import type { Json } from './types.ts';

export type Role = 'admin' | 'auditor' | 'radiologist';
export const ROLES: readonly Role[] = ['admin', 'auditor', 'radiologist'];

export interface UserRow {
  readonly name: string;
  readonly role: Role;
  readonly hasPassword: boolean;
  readonly disabledAt: Date | null;
  readonly createdAt: Date;
}

/** Who a session or token stands for. */
export interface SessionUser {
  readonly name: string;
  readonly role: Role;
  readonly expiresAt: Date | null;
}

export interface ApiTokenRow {
  readonly id: string;
  readonly name: string;
  readonly user: string;
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  readonly revokedAt: Date | null;
}

export type ConfigKind = 'rules' | 'sequences' | 'structures' | 'situs';

export interface ConfigRow {
  readonly kind: ConfigKind;
  readonly version: string;
  /** Of the text. */
  readonly sha256: string;
  readonly text: string;
  readonly accepted: boolean;
  readonly error: { readonly code: string; readonly message: string; readonly next: string } | null;
  readonly activeFrom: Date;
  /** Whose write it was: the node that read the file, or a user. */
  readonly by: string;
  /** Who wrote the text: the file's owner, or the user who restored it; null where nobody is known. */
  readonly author: string | null;
  readonly note: string | null;
}

/** Where a version of a configuration file came from. */
export interface ConfigOrigin {
  readonly author?: string;
  readonly note?: string;
}

export interface ModelRow {
  readonly name: string;
  readonly version: string;
  readonly hash: string;
  readonly card: ModelCard;
  readonly createdAt: Date;
}

export interface AuditEventRow {
  readonly seq: number;
  readonly at: Date;
  readonly actor: { readonly kind: string; readonly name: string; readonly host: string };
  readonly action: string;
  readonly entity: string;
  readonly entityId: string;
  readonly payload: Json;
  readonly previousHash: string;
  readonly hash: string;
}

export interface AuditQuery {
  readonly entity?: string;
  readonly entityId?: string;
  /** Events before this number (exclusive), newest first. */
  readonly before?: number;
  /** 1..500, default 100. */
  readonly limit?: number;
}

/** One thing that is not as it was written. */
export interface AuditProblem {
  readonly kind: 'changed' | 'removed' | 'inserted';
  /** `audit_event` or the protected table. */
  readonly table: string;
  /** The event's number or the row's key. */
  readonly id: string;
  readonly message: string;
}

export interface AuditReport {
  readonly intact: boolean;
  readonly events: number;
  readonly rows: number;
  /** Number and hash of the last event: kept elsewhere, they prove later that nothing before changed. */
  readonly head: { readonly seq: number; readonly hash: string };
  /** At most 1,000; `truncated` says whether there are more. */
  readonly problems: readonly AuditProblem[];
  readonly truncated: boolean;
}

export interface DatabaseInfo {
  readonly server: string;
  readonly database: string;
  readonly user: string;
  readonly migrations: readonly string[];
  readonly bytes: number;
  readonly studies: number;
  readonly auditEvents: number;
  /** Difference between the database's clock and this host's, in milliseconds. */
  readonly clockSkewMs: number;
}
