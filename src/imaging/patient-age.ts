const DATE = /^(\d{4})(\d{2})(\d{2})$/;

/**
 * Age on the day of the study as a DICOM Age String (PS3.5 6.2): months below two years, else whole
 * years. Null where a date is missing, is none, or would give an age below 0 or above 150 years.
 */
export function ageOn(studyDate: string | null, birthDate: string | null): string | null {
  const study = DATE.exec(studyDate?.trim() ?? '');
  const birth = DATE.exec(birthDate?.trim() ?? '');
  if (study === null || birth === null) return null;
  const [day, month, year] = [3, 2, 1].map((part) => Number(study[part]) - Number(birth[part]));
  const months = (year ?? 0) * 12 + (month ?? 0) - ((day ?? 0) < 0 ? 1 : 0);
  if (months < 0 || months > 150 * 12) return null;
  const [count, unit] = months < 24 ? [months, 'M'] : [Math.floor(months / 12), 'Y'];
  return `${String(count).padStart(3, '0')}${unit}`;
}
