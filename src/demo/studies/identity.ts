import { random } from '../phantom/random.ts';
import { uidOf } from './uids.ts';
import type { Attributes } from './write.ts';

/** Who and when: everything that all instances of a study share. */
export interface StudyIdentity {
  readonly key: string;
  readonly studyInstanceUid: string;
  readonly frameOfReferenceUid: string;
  readonly patientName: string;
  readonly sex: 'F' | 'M';
  /** Hour and minute the study began. */
  readonly begin: readonly [number, number];
  readonly attributes: Attributes;
}

const FAMILY = ['Müller-Lüdenscheidt', 'Grünwald', 'Schröder', 'Kübler', 'Jägermann', 'Böttcher', 'Löwenthal', 'Größing']; // prettier-ignore
const GIVEN = { F: ['Jörgine', 'Käthe', 'Änne', 'Götzine'], M: ['Jürgen', 'Björn', 'Günter', 'Sören'] } as const; // prettier-ignore

function pick<T>(list: readonly T[], at: number, fallback: T): T {
  return list[at % list.length] ?? fallback;
}

/**
 * The identity of a study. Fictional; equal seed and key give equal UIDs.
 * @param key  word for the study, e.g. `ct`
 */
export function studyIdentity(
  seed: number,
  key: string,
  sex: 'F' | 'M',
  description: string,
): StudyIdentity {
  const r = random(seed).fork(`identity ${key}`);
  const name = `${pick(FAMILY, r.integer(0, 99), 'Grünwald')}^${pick(GIVEN[sex], r.integer(0, 99), 'Kim')}`;
  const age = r.integer(31, 79);
  const begin = [r.integer(8, 16), r.integer(0, 59)] as const;
  const two = (n: number): string => String(n).padStart(2, '0');
  const studyInstanceUid = uidOf('study', seed, key);
  const height = sex === 'M' ? r.uniform(1.68, 1.92) : r.uniform(1.56, 1.78);
  return {
    key,
    studyInstanceUid,
    frameOfReferenceUid: uidOf('frame of reference', seed, key),
    patientName: name,
    sex,
    begin,
    attributes: {
      SpecificCharacterSet: 'ISO_IR 192',
      StudyDate: '20261109',
      StudyTime: `${two(begin[0])}${two(begin[1])}00`,
      AccessionNumber: `DEMO${String(seed)}${key.slice(0, 4).toUpperCase()}`,
      InstitutionName: 'Klinikum Beispielstadt',
      ReferringPhysicianName: 'Süß^Ägidius^^Dr.',
      StudyDescription: description,
      PatientName: name,
      PatientID: `SITUS-${String(seed)}-${key}`,
      PatientBirthDate: `${String(2026 - age)}${two(r.integer(1, 10))}${two(r.integer(1, 28))}`,
      PatientSex: sex,
      PatientAge: `0${String(age)}Y`,
      PatientSize: height.toFixed(2),
      PatientWeight: String(Math.round(r.uniform(22, 31) * height * height)),
      StudyInstanceUID: studyInstanceUid,
      StudyID: String(r.integer(1000, 9999)),
    },
  };
}

/** Time of day (TM) some seconds after the study began. */
export function timeAfter(identity: StudyIdentity, seconds: number): string {
  const total = identity.begin[0] * 3600 + identity.begin[1] * 60 + Math.round(seconds);
  const two = (n: number): string => String(n).padStart(2, '0');
  return `${two(Math.floor(total / 3600) % 24)}${two(Math.floor(total / 60) % 60)}${two(total % 60)}`;
}
