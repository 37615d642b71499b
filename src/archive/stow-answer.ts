/** What the answer to a STOW-RS request says of each instance (PS3.18 I.2.2); its texts are untrusted. */
import { items, text, uid } from './data-sets.ts';
import type { StowAnswer } from './dicomweb.ts';
import { failureText, warningText } from './failure-reasons.ts';

const REFERENCED_SOP_SEQUENCE = '00081199';
const FAILED_SOP_SEQUENCE = '00081198';
const OTHER_FAILURES_SEQUENCE = '0008119A';
const REFERENCED_SOP_INSTANCE_UID = '00081155';
const FAILURE_REASON = '00081197';
const WARNING_REASON = '00081196';
/** Makers' words on single attributes: an Error Comment an item (Azure). */
const FAILED_ATTRIBUTES_SEQUENCE = '00741048';
const ERROR_COMMENT = '00000902';
const MOST_COMMENTS = 5;
const MOST_REMARKS = 5;
const LONGEST = 200;

type Item = ReturnType<typeof items>[number];

export interface Verdicts {
  readonly stored: ReadonlySet<string>;
  /** Why, by SOP Instance UID. */
  readonly failed: ReadonlyMap<string, string>;
  readonly warnings: ReadonlyMap<string, string>;
  /** What names no instance: Other Failures Sequence and the Warning header (RFC 7234, 5.5). */
  readonly remarks: readonly string[];
}

/** All parts are empty when there was no answer, or none that can be read. */
export function verdicts(stow: StowAnswer | null): Verdicts {
  const stored = new Set<string>();
  const failed = new Map<string, string>();
  const warnings = new Map<string, string>();
  const body = stow?.body ?? {};
  for (const item of items(body, REFERENCED_SOP_SEQUENCE)) {
    const sopInstanceUid = uid(item, REFERENCED_SOP_INSTANCE_UID);
    if (sopInstanceUid === null) continue;
    stored.add(sopInstanceUid);
    const reason = text(item, WARNING_REASON);
    const words = commented(reason === null ? null : warningText(Number(reason)), item);
    if (words !== null) warnings.set(sopInstanceUid, words);
  }
  for (const item of items(body, FAILED_SOP_SEQUENCE)) {
    const sopInstanceUid = uid(item, REFERENCED_SOP_INSTANCE_UID);
    if (sopInstanceUid !== null) failed.set(sopInstanceUid, failure(item));
  }
  const others = items(body, OTHER_FAILURES_SEQUENCE).map(
    (item) => `a part without a name: ${failure(item)}`,
  );
  const header = stow?.answer.header('warning') ?? null;
  const remarks = [
    ...others.slice(0, MOST_REMARKS),
    ...(header === null ? [] : [`the answer has the warning ${plain(header)}`]),
  ];
  return { stored, failed, warnings, remarks };
}

/** Everything that an answer says against an instance that the archive shows; null when nothing. */
export function warningOf(
  { failed, warnings, remarks }: Verdicts,
  sopInstanceUid: string,
): string | null {
  const failure = failed.get(sopInstanceUid);
  const said = [
    warnings.get(sopInstanceUid),
    failure === undefined ? undefined : `there, though called a failure: ${failure}`,
    ...remarks,
  ].filter((words) => words !== undefined);
  return said.length === 0 ? null : said.join('; ');
}

function failure(item: Item): string {
  const reason = failureText(Number(text(item, FAILURE_REASON) ?? NaN));
  return commented(reason, item) ?? reason;
}

function commented(reason: string | null, item: Item): string | null {
  const comments = items(item, FAILED_ATTRIBUTES_SEQUENCE)
    .flatMap((attribute) => text(attribute, ERROR_COMMENT) ?? [])
    .slice(0, MOST_COMMENTS)
    .map(plain);
  if (comments.length === 0) return reason;
  return `${reason ?? 'stored with remarks'}: ${comments.join(', ')}`;
}

/** Text of a server in one short line, without control characters. */
function plain(words: string): string {
  const line = words.replace(/\p{Cc}+/gu, ' ').trim();
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line;
}
