const NAMES: Readonly<Record<string, string>> = {
  t1_in_phase: 'T1 in-phase',
  haste: 'HASTE',
  ct_abdomen: 'CT abdomen',
  dwi: 'DWI',
  adc: 'ADC',
  mrcp: 'MRCP',
};

/** A sequence or structure name as a person reads it: `right_kidney` → `right kidney`. */
export function words(name: string): string {
  return NAMES[name] ?? name.replaceAll('_', ' ');
}

/** A DICOM date (YYYYMMDD) as YYYY-MM-DD; anything else unchanged, empty as a dash. */
export function dicomDate(date: string | null): string {
  if (date === null || date === '') return '–';
  return /^\d{8}$/.test(date) ? `${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6)}` : date;
}

const two = (value: number) => String(value).padStart(2, '0');

/** Local date and time, alike in every language and sortable by eye: `2026-03-01 10:04:09`. */
export function moment(iso: string): string {
  const at = new Date(iso);
  const date = [at.getFullYear(), two(at.getMonth() + 1), two(at.getDate())].join('-');
  return `${date} ${[at.getHours(), at.getMinutes(), at.getSeconds()].map(two).join(':')}`;
}

/** How long ago in one unit: `4 min ago`. */
export function ago(iso: string, now = Date.now()): string {
  const passed = Math.max(0, (now - Date.parse(iso)) / 1000);
  if (passed < 10) return 'just now';
  if (passed < 60) return `${Math.floor(passed)} s ago`;
  if (passed < 3600) return `${Math.floor(passed / 60)} min ago`;
  if (passed < 86_400) return `${Math.floor(passed / 3600)} h ago`;
  return `${Math.floor(passed / 86_400)} d ago`;
}

/** A duration in the two units that matter. */
export function seconds(value: number | null): string {
  if (value === null) return '…';
  if (value < 10) return `${value.toFixed(1)} s`;
  const whole = Math.round(value);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  return `${Math.floor(whole / 3600)} h ${two(Math.floor(whole / 60) % 60)} min`;
}

export function bytes(value: number): string {
  if (value < 1024) return `${value} B`;
  const units = ['KiB', 'MiB', 'GiB'];
  const power = Math.min(Math.floor(Math.log2(value) / 10), units.length);
  return `${(value / 2 ** (10 * power)).toFixed(1)} ${units[power - 1] ?? 'B'}`;
}

/** A DICOM person name as it is read out: `Müller^Hans^^Dr` → `Müller, Hans (Dr)`. */
export function personName(name: string | null): string {
  const [family = '', given = '', middle = '', ...affixes] = (name ?? '').split('^');
  const first = [given, middle].filter((part) => part !== '').join(' ');
  const whole = [family, first].filter((part) => part !== '').join(', ');
  const affix = affixes.filter((part) => part !== '').join(', ');
  return whole === '' ? '(no name)' : affix === '' ? whole : `${whole} (${affix})`;
}
