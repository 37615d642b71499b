import { FIELD_WORDS, type HeaderValue, NO_EARLIER_RESULT } from '../contracts/index.ts';
import { attributeOf, type SeriesView, type StudyView, textOf } from './view.ts';

/** Days of the units of an Age String (PS3.5 6.2, AS). */
const DAYS: Readonly<Record<string, number>> = { D: 1, W: 7, M: 365.25 / 12, Y: 365.25 };
const AGE = /^(\d{1,3})([DWMY])$/;
const DATE = /^(\d{4})[-.]?(\d{2})[-.]?(\d{2})/;

/** Years from an Age String such as `045Y` or `006M`, to a hundredth; undefined where there is none. */
export function years(value: HeaderValue | undefined): number | undefined {
  const [, count, unit] = AGE.exec(textOf(value)?.trim() ?? '') ?? [];
  const days = unit === undefined ? undefined : DAYS[unit];
  if (count === undefined || days === undefined) return undefined;
  return Math.round(((Number(count) * days) / 365.25) * 100) / 100;
}

/** A DICOM date as the number YYYYMMDD, so that ranges hold for it. */
export function dateNumber(value: HeaderValue | undefined): number | undefined {
  const [, year, month, day] = DATE.exec(textOf(value)?.trim() ?? '') ?? [];
  return year === undefined ? undefined : Number(`${year}${month ?? ''}${day ?? ''}`);
}

/** The day of the week of a DICOM date, as rules write it. */
export function weekday(value: HeaderValue | undefined): string | undefined {
  const date = dateNumber(value);
  if (date === undefined) return undefined;
  const day = new Date(
    Date.UTC(Math.floor(date / 10_000), (Math.floor(date / 100) % 100) - 1, date % 100),
  );
  // Sunday is the first day of JavaScript and the last of the words.
  return FIELD_WORDS.weekday?.[(day.getUTCDay() + 6) % 7];
}

/** `HH:MM` of a DICOM time. */
export function timeOfDay(value: HeaderValue | undefined): string | undefined {
  const text = textOf(value)?.trim() ?? '';
  return /^\d{4}/.test(text) ? `${text.slice(0, 2)}:${text.slice(2, 4)}` : undefined;
}

/** When the series was acquired, else when it or the study was begun. */
export function acquired(view: SeriesView, part: 'Date' | 'Time'): HeaderValue | undefined {
  return (
    attributeOf(view, `Acquisition${part}`) ??
    attributeOf(view, `Series${part}`) ??
    attributeOf(view, `Study${part}`)
  );
}

/**
 * What names a scanner: `manufacturer model`, station, serial number. What the headers lack is empty,
 * which keeps a test that nothing else passes from being answered.
 */
export function scannerNames(view: SeriesView): readonly string[] | undefined {
  const text = (keyword: string): string => textOf(attributeOf(view, keyword))?.trim() ?? '';
  const model = text('ManufacturerModelName');
  const names = [
    model === '' ? '' : `${text('Manufacturer')} ${model}`.trim(),
    text('StationName'),
    text('DeviceSerialNumber'),
  ];
  return names.every((name) => name === '') ? undefined : names;
}

/** The models that have a stored result of a series, or of any series of the study; `none` without one. */
export function earlierModels(study: StudyView, series?: string): readonly string[] | undefined {
  if (study.earlier === null) return undefined;
  const found = study.earlier.filter(
    (one) => series === undefined || one.seriesInstanceUid === series,
  );
  return found.length === 0 ? [NO_EARLIER_RESULT] : [...new Set(found.map(({ model }) => model))];
}
