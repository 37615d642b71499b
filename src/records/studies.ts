import {
  type Actor,
  type DicomJson,
  type SitusError,
  type StudyHeaders,
  type StudyListing,
  type StudyRevision,
  fault,
  refuse,
} from '../contracts/index.ts';
import type { Trail } from './chain.ts';
import type { Db, Tx } from './client.ts';
import type { StudyRecords } from './door.ts';
import { Prisma } from './generated/client.ts';
import { shortText, toJson } from './json.ts';
import { refreshOutcome } from './outcome.ts';
import { lockStudy, putSeries, undecidedRevisions } from './sql.ts';
import type { Reason } from './types.ts';

const TAG = {
  patientName: '00100010',
  patientId: '00100020',
  accessionNumber: '00080050',
} as const;

/** Refusals that one call takes back; the rest come with the next. */
const MOST_REOPENED = 1000;

/** Longest that any archive may send; PS3.5 9.1 allows 64 characters, old ones take liberties. */
const MAX_UID = 128;

export function studyRecords(db: Db): StudyRecords {
  return {
    async observeStudy(actor, listing) {
      await db.write(actor, (tx, trail) => putStudy(tx, trail, listing));
    },

    async saveRevision(actor, revision, headers) {
      await db.write(actor, (tx, trail) => putRevision(tx, trail, revision, headers));
    },

    async latestRevision(studyInstanceUid, archive) {
      return db.read(async (prisma) => {
        const row = await prisma.revision.findFirst({
          where: { study: { studyInstanceUid, archive } },
          orderBy: { revision: 'desc' },
        });
        return row === null ? null : asRevision(row);
      });
    },

    async headersOf(studyInstanceUid, archive, revision) {
      return db.read(async (prisma) => {
        const row = await prisma.revisionHeaders.findFirst({
          where: { revision: { revision, study: { studyInstanceUid, archive } } },
        });
        return row === null ? null : (row.headers as unknown as StudyHeaders);
      });
    },

    async refuseStudy(actor, study, error) {
      await db.write(actor, (tx, trail) => refuseStudy(tx, trail, study, error));
    },

    async reopen(actor, { codes, archive, studyInstanceUid, before }) {
      const refused = await db.read((prisma) =>
        prisma.study.findMany({
          where: {
            outcome: 'failed',
            OR: codes.map((code) => ({ refusal: { path: ['code'], equals: code } })),
            ...(archive === undefined ? {} : { archive }),
            ...(studyInstanceUid === undefined ? {} : { studyInstanceUid }),
            ...(before === undefined ? {} : { updatedAt: { lt: before } }),
          },
          orderBy: { id: 'asc' },
          take: MOST_REOPENED,
          select: { archive: true, studyInstanceUid: true },
        }),
      );
      for (const study of refused) {
        await clearRefusal(db, actor, study.studyInstanceUid, study.archive);
      }
      return refused.length;
    },

    async undecided(limit) {
      return db.read(async (prisma) => {
        const ids = (await undecidedRevisions(prisma, limit)).map((row) => row.id);
        const rows = await prisma.revision.findMany({
          where: { id: { in: ids } },
          orderBy: { id: 'asc' },
        });
        return rows.map(asRevision);
      });
    },
  };
}

/** Makes or refreshes a study's row and those of its series, and leaves it locked. */
async function putStudy(tx: Tx, trail: Trail, listing: StudyListing): Promise<bigint> {
  requireUid(listing.studyInstanceUid, 'study');
  for (const one of listing.series) requireUid(one.seriesInstanceUid, 'series');
  const facts = factsOf(listing);
  const { archive, studyInstanceUid } = listing;
  let id = await lockStudy(tx, archive, studyInstanceUid);
  const isNew = id === null;
  let changed = false;
  if (id === null) {
    const made = await tx.study.create({
      data: { archive, studyInstanceUid, ...facts, outcome: 'running', reasons: [], sequences: [] },
    });
    id = made.id;
  } else {
    const before = await tx.study.findUniqueOrThrow({ where: { id } });
    changed = Object.entries(facts).some(
      ([key, value]) =>
        JSON.stringify(before[key as keyof typeof before]) !== JSON.stringify(value),
    );
    if (changed)
      await tx.study.update({ where: { id }, data: { ...facts, updatedAt: new Date() } });
  }
  const series = await putSeries(
    tx,
    id,
    listing.series.map((one) => ({
      uid: one.seriesInstanceUid,
      modality: shortText(one.modality, 16),
      number: shortText(one.seriesNumber, 16),
      description: shortText(one.seriesDescription),
      instances: one.sopInstanceUids.length,
    })),
  );
  if (isNew) await refreshOutcome(tx, id);
  if (isNew || changed || series > 0) {
    trail.add(isNew ? 'study.observed' : 'study.changed', 'study', studyInstanceUid, {
      archive,
      series: facts.seriesCount,
      instances: facts.instanceCount,
    });
  }
  return id;
}

/** Saves a revision and its headers, each once. Returns the locked study and the revision's row. */
export async function putRevision(
  tx: Tx,
  trail: Trail,
  revision: StudyRevision,
  headers?: StudyHeaders,
): Promise<{ studyId: bigint; revisionId: bigint; newest: boolean }> {
  const studyId = await putStudy(tx, trail, revision.listing);
  const known = await tx.revision.findUnique({
    where: { studyId_revision: { studyId, revision: revision.revision } },
  });
  const { newest, revisionId } =
    known === null
      ? await insertRevision(tx, trail, studyId, revision)
      : { newest: await isNewest(tx, studyId, revision.revision), revisionId: known.id };
  if (known !== null && known.fingerprint !== revision.fingerprint) {
    throw fault(
      'REVISION_CONFLICT',
      `Revision ${revision.revision} of study ${revision.listing.studyInstanceUid} was saved before with another fingerprint.`,
      { saved: known.fingerprint, given: revision.fingerprint },
    );
  }
  if (headers !== undefined) await putHeaders(tx, trail, revisionId, headers);
  return { studyId, revisionId, newest };
}

async function insertRevision(
  tx: Tx,
  trail: Trail,
  studyId: bigint,
  revision: StudyRevision,
): Promise<{ newest: boolean; revisionId: bigint }> {
  const row = await tx.revision.create({
    data: {
      studyId,
      revision: revision.revision,
      fingerprint: revision.fingerprint,
      listing: toJson(revision.listing) as Prisma.InputJsonValue,
    },
    select: { id: true },
  });
  trail.add(
    'revision.saved',
    'study',
    revision.listing.studyInstanceUid,
    {
      archive: revision.listing.archive,
      revision: revision.revision,
      fingerprint: revision.fingerprint,
    },
    { study_revision: [row.id] },
  );
  const { count } = await tx.study.updateMany({
    where: { id: studyId, revision: { lt: revision.revision } },
    data: { revision: revision.revision, refusal: Prisma.DbNull },
  });
  if (count > 0) await refreshOutcome(tx, studyId);
  return { newest: count > 0, revisionId: row.id };
}

async function isNewest(tx: Tx, studyId: bigint, revision: number): Promise<boolean> {
  const study = await tx.study.findUniqueOrThrow({ where: { id: studyId } });
  return study.revision === revision;
}

async function putHeaders(
  tx: Tx,
  trail: Trail,
  revisionId: bigint,
  headers: StudyHeaders,
): Promise<void> {
  const known = await tx.revisionHeaders.findUnique({
    where: { revisionId },
    select: { revisionId: true },
  });
  if (known !== null) return;
  await tx.revisionHeaders.create({
    data: { revisionId, headers: toJson(headers) as Prisma.InputJsonValue },
  });
  trail.add(
    'headers.saved',
    'study',
    headers.studyInstanceUid,
    { series: headers.series.length },
    { revision_headers: [revisionId] },
  );
}

async function refuseStudy(
  tx: Tx,
  trail: Trail,
  study: { readonly archive: string; readonly studyInstanceUid: string },
  error: SitusError,
): Promise<void> {
  requireUid(study.studyInstanceUid, 'study');
  const known = await lockStudy(tx, study.archive, study.studyInstanceUid);
  const id =
    known ??
    (
      await tx.study.create({
        data: {
          archive: study.archive,
          studyInstanceUid: study.studyInstanceUid,
          outcome: 'running',
          reasons: [],
          sequences: [],
          modalities: [],
          searchText: '',
        },
      })
    ).id;
  const refusal: Reason = {
    code: error.code,
    message: error.message,
    next: error.next,
    seriesInstanceUid: null,
  };
  await tx.study.update({
    where: { id },
    data: { refusal: toJson(refusal) as Prisma.InputJsonValue },
  });
  await refreshOutcome(tx, id);
  trail.add('study.refused', 'study', study.studyInstanceUid, {
    archive: study.archive,
    error: error.toJSON(),
  });
}

/** Forgets why a study could not be decided on, so that it is decided again. */
export async function clearRefusal(
  db: Db,
  actor: Actor,
  studyInstanceUid: string,
  archive: string,
): Promise<void> {
  await db.write(actor, async (tx, trail) => {
    const id = await lockStudy(tx, archive, studyInstanceUid);
    if (id === null) return;
    const { count } = await tx.study.updateMany({
      where: { id, refusal: { not: Prisma.DbNull } },
      data: { refusal: Prisma.DbNull },
    });
    if (count === 0) return;
    await refreshOutcome(tx, id);
    trail.add('study.reopened', 'study', studyInstanceUid, { archive });
  });
}

function asRevision(row: {
  listing: Prisma.JsonValue;
  fingerprint: string;
  revision: number;
}): StudyRevision {
  return {
    listing: row.listing as unknown as StudyListing,
    fingerprint: row.fingerprint,
    revision: row.revision,
  };
}

function factsOf(listing: StudyListing) {
  const patientName = shortText(personName(listing.attributes, TAG.patientName), 320);
  const patientId = shortText(text(listing.attributes, TAG.patientId), 128);
  const accessionNumber = shortText(text(listing.attributes, TAG.accessionNumber), 128);
  const description = shortText(listing.studyDescription);
  return {
    patientName,
    patientId,
    accessionNumber,
    studyDate: shortText(listing.studyDate, 32),
    description,
    modalities: listing.modalities.map((one) => shortText(one, 16) ?? ''),
    seriesCount: listing.series.length,
    instanceCount: listing.series.reduce((sum, one) => sum + one.sopInstanceUids.length, 0),
    searchText: searchText([patientName, patientId, accessionNumber, description]),
  };
}

/** Lower case, with the carets of person names as spaces, for the table's text filter. */
export function searchText(parts: readonly (string | null)[]): string {
  return parts
    .filter((part) => part !== null)
    .join(' ')
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\s^=]+/g, ' ')
    .trim();
}

function text(attributes: DicomJson, tag: string): string | null {
  const value = attributes[tag]?.Value?.[0];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : null;
}

function personName(attributes: DicomJson, tag: string): string | null {
  const value = attributes[tag]?.Value?.[0];
  if (typeof value !== 'object' || value === null) return text(attributes, tag);
  const { Alphabetic, Ideographic } = value as { Alphabetic?: unknown; Ideographic?: unknown };
  if (typeof Alphabetic === 'string' && Alphabetic !== '') return Alphabetic;
  return typeof Ideographic === 'string' ? Ideographic : null;
}

function requireUid(uid: string, what: string): void {
  if (uid !== '' && uid.length <= MAX_UID && !uid.includes('\u0000')) return;
  throw refuse(
    'INVALID_UID',
    `The archive lists a ${what} whose UID is empty, longer than ${MAX_UID} characters or holds a NUL: "${uid.slice(0, MAX_UID)}".`,
    'Correct the object in the archive.',
  );
}
