import { fault, messageOf, type Target, type Verdict } from '../contracts/index.ts';

/** What the record keeps of a decision that a replay compares with. */
export interface RecordedDecision {
  readonly targets: readonly Omit<Target, 'frames'>[];
  readonly verdicts: readonly Omit<Verdict, 'rules' | 'confidence'>[];
}

/** Parses JSON that the record itself wrote; anything else is a fault (RECORD_NOT_JSON). */
export function parsed<Value>(text: string, what: string): Value {
  try {
    return JSON.parse(text) as Value;
  } catch (error) {
    throw fault('RECORD_NOT_JSON', `${what} of the record: ${messageOf(error)}`, {}, error);
  }
}
