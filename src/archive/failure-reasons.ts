/** Values of Failure Reason (0008,1197): PS3.18 I.2.2, PS3.4 GG.4-1, PS3.7 annex C, and makers' own. */
const REASONS: readonly {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}[] = [
  { from: 0x0106, to: 0x0106, text: 'an attribute has a value it does not accept' },
  { from: 0x0110, to: 0x0110, text: 'processing failure, the archive says no more' },
  { from: 0x0111, to: 0x0111, text: 'an instance with this UID is there already' },
  { from: 0x0112, to: 0x0112, text: 'no such instance' },
  { from: 0x0117, to: 0x0117, text: 'the SOP Instance UID is not valid' },
  { from: 0x0120, to: 0x0120, text: 'an attribute is missing' },
  { from: 0x0122, to: 0x0122, text: 'this kind of object (SOP class) is not supported' },
  { from: 0x0124, to: 0x0124, text: 'not authorised to store' },
  { from: 0xa700, to: 0xa7ff, text: 'out of resources' },
  { from: 0xa900, to: 0xa9ff, text: 'the data set does not match its SOP class' },
  { from: 0xb000, to: 0xb000, text: 'stored after values were changed' },
  { from: 0xb006, to: 0xb006, text: 'stored without some of its elements' },
  { from: 0xb007, to: 0xb007, text: 'stored though the data set does not match its SOP class' },
  { from: 0xc122, to: 0xc122, text: 'this transfer syntax is not supported' },
  { from: 0xc000, to: 0xcfff, text: 'the data set cannot be understood' },
];
/** Azure's own values overlap the ranges above and so come first. */
const AZURE: ReadonlyMap<number, string> = new Map([
  [43264, 'the data set does not match its SOP class'],
  [43265, 'an attribute failed validation'],
  [45070, 'an instance with this UID is there already'],
  [45071, 'an instance with this UID is being stored by another process'],
]);

/** A Failure Reason in words, with its number. */
export function failureText(reason: number): string {
  if (!Number.isInteger(reason)) return 'refused without a reason';
  const known =
    AZURE.get(reason) ?? REASONS.find(({ from, to }) => reason >= from && reason <= to)?.text;
  return `${known ?? 'refused'} (failure reason ${reason})`;
}

/** A Warning Reason (0008,1196) of an instance that was stored (PS3.18 I.2.2), with its number. */
export function warningText(reason: number): string {
  const known = REASONS.find(({ from, to }) => reason >= from && reason <= to)?.text;
  return `${known ?? 'stored with a warning'} (warning reason ${reason})`;
}
