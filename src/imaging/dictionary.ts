import { data, log } from 'dcmjs';

/** dcmjs reports what it repairs on the console; Situs reports by typed errors and warnings instead. */
log.setLevel('silent', false);
log.getLogger('validation.dcmjs').setLevel('silent', false);

const { dictionary, nameMap } = data.DicomMetaDictionary;

/** Tag as eight upper-case hexadecimal digits for a keyword of PS3.6; throws on a word that is none. */
export function tagOf(keyword: string): string {
  const entry = nameMap[keyword];
  if (entry === undefined) throw new Error(`${keyword} is no DICOM keyword`);
  return entry.tag.slice(1, 5) + entry.tag.slice(6, 10);
}

/** Keyword of a tag such as `00180081`; the punctuated tag when the dictionary has none. */
export function nameOf(tag: string): string {
  const punctuated = `(${tag.slice(0, 4)},${tag.slice(4)})`;
  const name = dictionary[punctuated]?.name;
  return name === undefined ? punctuated : `${name} ${punctuated}`;
}

/** Value representation of PS3.6; null for private and unknown tags. */
export function vrOf(tag: string): string | null {
  return dictionary[`(${tag.slice(0, 4)},${tag.slice(4)})`]?.vr ?? null;
}
