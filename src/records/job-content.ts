import {
  type Findings,
  type GateLevel,
  type SegmentationRun,
  type Shape,
  fault,
} from '../contracts/index.ts';
import type { Db, Tx } from './client.ts';
import type { JobRecords } from './door.ts';
import type { Prisma } from './generated/client.ts';
import { isJobId, lockOwnJob } from './job-rows.ts';
import { canonicalJson, cleanText, sha256, toJson } from './json.ts';
import type { EncodingPlan, PlannedObject, StoredLabels } from './types.ts';

/** What a job makes: labels, findings, the plan of its objects, and what was stored. */
export function contentRecords(
  db: Db,
): Pick<
  JobRecords,
  | 'saveSegmentation'
  | 'loadLabels'
  | 'savePreview'
  | 'loadPreview'
  | 'saveFindings'
  | 'loadFindings'
  | 'saveEncoding'
  | 'saveStored'
  | 'dropLabels'
> {
  return {
    async saveSegmentation(actor, claim, labels) {
      const given = sha256(labels.bytes);
      if (given !== labels.sha256) throw damaged(claim.jobId, labels.sha256, given);
      return db.write(actor, async (tx, trail) => {
        await lockOwnJob(tx, claim);
        const known = await findLabels(tx, claim.jobId);
        if (known !== null) return known;
        await tx.jobLabels.create({
          data: {
            jobId: claim.jobId,
            bytes: Uint8Array.from(labels.bytes),
            sha256: labels.sha256,
            encoding: labels.encoding,
            shape: [...labels.shape],
            structures: toJson(labels.structures) as Prisma.InputJsonValue,
            run: toJson(labels.run) as Prisma.InputJsonValue,
          },
        });
        await tx.job.update({
          where: { id: claim.jobId },
          data: { device: labels.run.device, modelHash: labels.run.modelHash },
        });
        trail.add('labels.saved', 'job', claim.jobId, {
          sha256: labels.sha256,
          bytes: labels.bytes.byteLength,
          shape: labels.shape,
          run: labels.run,
        });
        return labels;
      });
    },

    async loadLabels(jobId) {
      if (!isJobId(jobId)) return null;
      return db.read((prisma) => findLabels(prisma, jobId));
    },

    async saveFindings(actor, claim, findings) {
      await db.write(actor, async (tx, trail) => {
        await lockOwnJob(tx, claim);
        const known = await findFindings(tx, claim.jobId);
        if (known !== null) {
          if (canonicalJson(toJson(known)) === canonicalJson(toJson(findings))) return;
          throw fault(
            'FINDINGS_DIFFER',
            `Other findings were saved before for job ${claim.jobId}.`,
          );
        }
        const rows = await insertFindings(tx, claim.jobId, findings);
        trail.add(
          'findings.saved',
          'job',
          claim.jobId,
          { structures: findings.structures.length, level: findings.level },
          rows,
        );
      });
    },

    async loadFindings(jobId) {
      if (!isJobId(jobId)) return null;
      return db.read((prisma) => findFindings(prisma, jobId));
    },

    async saveEncoding(actor, claim, plan) {
      return db.write(actor, async (tx, trail) => {
        await lockOwnJob(tx, claim);
        const { encoding } = await tx.job.findUniqueOrThrow({
          where: { id: claim.jobId },
          select: { encoding: true },
        });
        const known = encoding as unknown as EncodingPlan | null;
        const kept = known === null ? plan : withHashes(claim.jobId, known, plan);
        if (known !== null && canonicalJson(toJson(known)) === canonicalJson(toJson(kept))) {
          return known;
        }
        await tx.job.update({
          where: { id: claim.jobId },
          data: { encoding: toJson(kept) as Prisma.InputJsonValue },
        });
        if (known === null) {
          // A later run of the same target adds to the series that an earlier one made.
          await tx.ownUid.createMany({
            data: ownUids(claim.jobId, kept),
            skipDuplicates: true,
          });
        }
        trail.add(known === null ? 'encoding.planned' : 'encoding.hashed', 'job', claim.jobId, {
          objects: kept.objects,
          encodedAt: kept.encodedAt,
        });
        return kept;
      });
    },

    async saveStored(actor, claim, result) {
      await db.write(actor, async (tx, trail) => {
        await lockOwnJob(tx, claim);
        const columns = {
          ...result,
          verification: cleanText(result.verification),
          warning: result.warning === null ? null : cleanText(result.warning),
        };
        const last = await tx.result.findFirst({
          where: { jobId: claim.jobId, kind: result.kind, archive: result.archive },
          orderBy: { id: 'desc' },
        });
        const same =
          last !== null &&
          Object.entries(columns).every(([key, value]) => last[key as keyof typeof last] === value);
        if (same) return;
        const { id } = await tx.result.create({
          data: { ...columns, jobId: claim.jobId },
          select: { id: true },
        });
        trail.add(
          result.verified ? 'result.verified' : 'result.stored',
          'job',
          claim.jobId,
          result,
          {
            result: [id],
          },
        );
      });
    },

    async savePreview({ jobId }, png) {
      const bytes = Uint8Array.from(png);
      await db.operate((tx) =>
        tx.jobPreview.upsert({ where: { jobId }, create: { jobId, bytes }, update: { bytes } }),
      );
    },

    async loadPreview(jobId) {
      if (!isJobId(jobId)) return null;
      const row = await db.read((prisma) => prisma.jobPreview.findUnique({ where: { jobId } }));
      return row === null ? null : row.bytes;
    },

    async dropLabels(actor, finishedBefore) {
      return db.write(actor, async (tx, trail) => {
        const { count } = await tx.jobLabels.deleteMany({
          where: { job: { finishedAt: { lt: finishedBefore } } },
        });
        if (count > 0) trail.add('labels.dropped', 'job', '*', { count, finishedBefore });
        return count;
      });
    },
  };
}

async function findLabels(tx: Tx, jobId: string): Promise<StoredLabels | null> {
  const row = await tx.jobLabels.findUnique({ where: { jobId } });
  if (row === null) return null;
  const actual = sha256(row.bytes);
  if (actual !== row.sha256) throw damaged(jobId, row.sha256, actual);
  return {
    bytes: row.bytes,
    sha256: row.sha256,
    encoding: row.encoding,
    shape: row.shape as unknown as Shape,
    structures: row.structures as unknown as StoredLabels['structures'],
    run: row.run as unknown as SegmentationRun,
  };
}

function damaged(jobId: string, expected: string, actual: string) {
  return fault('LABELS_DAMAGED', `The labels of job ${jobId} do not match their SHA-256.`, {
    expected,
    actual,
  });
}

async function insertFindings(tx: Tx, jobId: string, findings: Findings) {
  const { unit, level } = findings;
  await tx.job.update({
    where: { id: jobId },
    data: { findingsUnit: unit, gateLevel: level },
  });
  const structures = await tx.finding.createManyAndReturn({
    data: findings.structures.map(({ label, structure, voxels, volumeMl, ...one }) => ({
      jobId,
      label,
      structure,
      voxels,
      volumeMl,
      unit,
      ...(one.intensity ?? {}),
      truncated: one.truncated,
      centroid: [...one.centroid],
    })),
    select: { id: true },
  });
  const gate = await tx.gateVerdict.createManyAndReturn({
    data: findings.gate.map((verdict) => ({
      jobId,
      check: verdict.check,
      level: verdict.level,
      structure: verdict.structure,
      message: cleanText(verdict.message),
    })),
    select: { id: true },
  });
  return { finding: structures.map((row) => row.id), gate_verdict: gate.map((row) => row.id) };
}

async function findFindings(tx: Tx, jobId: string): Promise<Findings | null> {
  const job = await tx.job.findUnique({
    where: { id: jobId },
    select: {
      findingsUnit: true,
      gateLevel: true,
      findings: { orderBy: { id: 'asc' } },
      gate: { orderBy: { id: 'asc' } },
    },
  });
  if (job === null || job.findingsUnit === null || job.gateLevel === null) return null;
  return {
    unit: job.findingsUnit as Findings['unit'],
    structures: job.findings.map(({ mean, sd, median, minimum, maximum, ...row }) => ({
      label: row.label,
      structure: row.structure,
      voxels: Number(row.voxels),
      volumeMl: row.volumeMl,
      intensity:
        mean === null || sd === null || median === null || minimum === null || maximum === null
          ? null
          : { mean, sd, median, minimum, maximum },
      truncated: row.truncated,
      centroid: row.centroid as unknown as readonly [number, number, number],
    })),
    gate: job.gate.map(({ check, level, structure, message }) => ({
      check,
      level: level as GateLevel,
      structure,
      message,
    })),
    level: job.gateLevel as GateLevel,
  };
}

/** The first plan with the hashes that a later encoding adds; UIDs and times never change. */
function withHashes(jobId: string, known: EncodingPlan, given: EncodingPlan): EncodingPlan {
  const hashes = new Map(given.objects.map((one) => [one.sopInstanceUid, one.sha256]));
  const objects = known.objects.map((object): PlannedObject => {
    const hash = hashes.get(object.sopInstanceUid) ?? null;
    if (object.sha256 === null || hash === null || hash === object.sha256) {
      return { ...object, sha256: object.sha256 ?? hash };
    }
    throw fault(
      'ENCODING_DIFFERS',
      `Encoding the ${object.kind} of job ${jobId} again gave other bytes than the first time.`,
      { sopInstanceUid: object.sopInstanceUid, first: object.sha256, now: hash },
    );
  });
  return { ...known, objects };
}

function ownUids(jobId: string, plan: EncodingPlan) {
  const levels = new Map<string, string>();
  for (const object of plan.objects) {
    levels.set(object.seriesInstanceUid, 'series');
    levels.set(object.sopInstanceUid, 'instance');
  }
  return [...levels].map(([uid, level]) => ({ uid, level, jobId }));
}
