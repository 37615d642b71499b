import { createHash } from 'node:crypto';
import type { SegmentationRun, Volume } from '../contracts/index.ts';
import { fault } from '../contracts/index.ts';
import { dicomSource } from './source.ts';

/**
 * What a result's UIDs are derived from. Equal identities give equal UIDs on every host, so a
 * repeated STOW stores the same instance; a deliberate re-run has a new `run`.
 */
export interface ResultIdentity {
  readonly studyInstanceUid: string;
  readonly seriesInstanceUid: string;
  readonly stackId: string;
  readonly model: string;
  readonly modelVersion: string;
  readonly modelHash: string;
  /** SHA-256 of what was segmented and with what; other content gives other instances. */
  readonly content: string;
  /** Number of the run of this content: 1, then rising with every deliberate re-run. */
  readonly run: number;
  /** Instance Number of the results; rises with every result of the series. */
  readonly instanceNumber: number;
  /** Name of the Situs node, the device observer of the report. */
  readonly node: string;
}

export interface ResultUids {
  readonly segSeries: string;
  readonly segInstance: string;
  /** Of the same labels as a label map: another object, so another UID. */
  readonly labelMapInstance: string;
  readonly srSeries: string;
  readonly srInstance: string;
  readonly captureSeries: string;
  readonly captureInstance: string;
  readonly dimensionOrganization: string;
  /** Of the model: new weights, new UID, the same on every host (dicom-seg-sr §6.2). */
  readonly modelDevice: string;
  /** Of the node. */
  readonly nodeDevice: string;
  /** Tracking UID of a structure: the same over re-runs and model versions of one target. */
  readonly tracking: (structure: string) => string;
}

/**
 * A UID under 2.25 (PS3.5 B.2): a UUID of version 8 (RFC 9562) from the SHA-256 of what it is for.
 * Parts are joined unambiguously, whatever characters they hold.
 */
export function deriveUid(parts: readonly (string | number)[], purpose: string): string {
  const digest = createHash('sha256')
    .update(JSON.stringify(['situs', purpose, ...parts]))
    .digest();
  const uuid = digest.subarray(0, 16);
  uuid[6] = ((uuid[6] ?? 0) & 0x0f) | 0x80;
  uuid[8] = ((uuid[8] ?? 0) & 0x3f) | 0x80;
  return `2.25.${BigInt(`0x${uuid.toString('hex')}`)}`;
}

/** The identity of the results of one volume. */
export function resultIdentity(
  volume: Volume,
  run: SegmentationRun,
  job: Pick<ResultIdentity, 'content' | 'run' | 'instanceNumber' | 'node'>,
): ResultIdentity {
  const source = dicomSource(volume);
  return {
    studyInstanceUid: source.studyInstanceUid,
    seriesInstanceUid: source.seriesInstanceUid,
    stackId: source.stackId,
    model: run.model,
    modelVersion: run.modelVersion,
    modelHash: run.modelHash,
    content: job.content,
    run: job.run,
    instanceNumber: job.instanceNumber,
    node: job.node,
  };
}

/** All UIDs of the results of one identity; known before anything is encoded. */
export function resultUids(identity: ResultIdentity): ResultUids {
  const target = [
    identity.studyInstanceUid,
    identity.seriesInstanceUid,
    identity.stackId,
    identity.model,
  ];
  const version = [...target, identity.modelVersion, identity.modelHash];
  const run = [...version, identity.content, identity.run];
  return {
    segSeries: deriveUid(version, 'seg-series'),
    segInstance: deriveUid(run, 'seg-instance'),
    labelMapInstance: deriveUid(run, 'label-map-instance'),
    srSeries: deriveUid(version, 'sr-series'),
    srInstance: deriveUid(run, 'sr-instance'),
    captureSeries: deriveUid(version, 'capture-series'),
    captureInstance: deriveUid(run, 'capture-instance'),
    dimensionOrganization: deriveUid(run, 'dimension-organization'),
    modelDevice: deriveUid([identity.modelHash], 'model-device'),
    nodeDevice: deriveUid([identity.node], 'node-device'),
    tracking: (structure) => deriveUid([...target, structure], 'tracking'),
  };
}

/** Guards against an identity that was made for another volume. */
export function checkIdentity(identity: ResultIdentity, volume: Volume): void {
  const source = dicomSource(volume);
  const fits =
    identity.studyInstanceUid === source.studyInstanceUid &&
    identity.seriesInstanceUid === source.seriesInstanceUid &&
    identity.stackId === source.stackId;
  const numbered = [identity.run, identity.instanceNumber].every(
    (number) => Number.isInteger(number) && number > 0,
  );
  if (fits && numbered) return;
  throw fault(
    'WRONG_IDENTITY',
    'The identity of the result was made for another series or lacks a run or instance number.',
    { identity: identity.seriesInstanceUid, volume: source.seriesInstanceUid, run: identity.run },
  );
}
