export { draftFor, type Draft, type NoDraft, type Order, type RuleDraft } from './draft.ts';
export { type EvidenceDraft, withEvidence } from './draft-evidence.ts';
export type { GroupKey } from './group-key.ts';
export type { Inbox, InboxGroup, Seen } from './groups.ts';
export { type InboxOptions, readInbox, tryDrafts } from './read.ts';
export type { DraftEffect, Trial, TrialSummary, TriedDraft } from './trial.ts';
