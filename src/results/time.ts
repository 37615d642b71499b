/** A moment in the words of DICOM, all in one offset from UTC. */
export interface DicomTime {
  readonly date: string;
  readonly time: string;
  /** Date and time with the offset at its end (DT). */
  readonly dateTime: string;
}

const OFFSET = /^([+-])(\d{2})([0-5]\d)$/;

/** Whether a text is an offset from UTC as in Timezone Offset From UTC (0008,0201). */
export function isOffset(text: string): boolean {
  const parts = OFFSET.exec(text);
  return parts !== null && Number(parts[2]) <= 14;
}

/** DA, TM (milliseconds) and DT of a moment, in an offset such as `+0100`. */
export function dicomTime(moment: Date, offset: string): DicomTime {
  const parts = OFFSET.exec(offset);
  const minutes = parts === null ? 0 : Number(parts[2]) * 60 + Number(parts[3]);
  const shifted = new Date(moment.getTime() + (parts?.[1] === '-' ? -minutes : minutes) * 60_000);
  const digits = shifted.toISOString().replace(/[-:TZ]/g, '');
  const date = digits.slice(0, 8);
  const time = digits.slice(8);
  return { date, time, dateTime: `${date}${time}${parts === null ? '+0000' : offset}` };
}
