import type { RuleSet, SequenceDefinitions } from '../contracts/index.ts';

/** The rules and definitions that are active now, with the versions that decisions name. */
export interface ActiveRules {
  readonly rules: RuleSet;
  readonly rulesVersion: string;
  readonly sequences: SequenceDefinitions;
  readonly sequencesVersion: string;
}
