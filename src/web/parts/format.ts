const SEQUENCE_WORDS: Readonly<Record<string, string>> = {
  t1_in_phase: 'T1 in-phase',
  haste: 'HASTE',
  ct_abdomen: 'CT abdomen',
};

/** A sequence or structure name as a person reads it: `t1_fs_post` → `t1 fs post`. */
export function words(name: string): string {
  return SEQUENCE_WORDS[name] ?? name.replaceAll('_', ' ');
}

/** A DICOM date (YYYYMMDD) as YYYY-MM-DD; anything else unchanged, empty as a dash. */
export function dicomDate(date: string | null): string {
  if (date === null || date === '') return '–';
  return /^\d{8}$/.test(date) ? `${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6)}` : date;
}

/** Local date and time to the minute. */
export function moment(iso: string): string {
  return new Date(iso).toLocaleString(undefined, { dateStyle: 'short', timeStyle: 'medium' });
}

export function seconds(value: number | null): string {
  if (value === null) return '…';
  return value < 10 ? `${value.toFixed(1)} s` : `${Math.round(value)} s`;
}

export function bytes(value: number): string {
  if (value < 1024) return `${value} B`;
  const units = ['KiB', 'MiB', 'GiB'];
  const power = Math.min(Math.floor(Math.log2(value) / 10), units.length);
  return `${(value / 2 ** (10 * power)).toFixed(1)} ${units[power - 1] ?? 'B'}`;
}
