import { mkdir } from 'node:fs/promises';
import { describe, expect, it } from '@jest/globals';
import type { Labels, SegmentOrder } from '../../src/contracts/index.ts';
import type { JobContext } from '../../src/jobs/context.ts';
import { jobSettings, orderedSettings } from '../../src/jobs/inference-settings.ts';
import { unpackLabels } from '../../src/jobs/labels-codec.ts';
import { Mutex } from '../../src/jobs/mutex.ts';
import { segmentStep } from '../../src/jobs/segment-step.ts';
import { WorkFolder } from '../../src/jobs/work-folder.ts';
import { jobIdentity } from '../../src/records/identity.ts';
import type { StoredLabels } from '../../src/records/index.ts';
import { DEFAULT_SETTINGS, FAST_SETTINGS, importModel } from '../../src/segmentation/index.ts';
import {
  nnunetFiles,
  temporaryFolder,
  writeFolder,
} from '../segmentation/support/nnunet-folder.ts';
import { STRUCTURES } from '../support/structures.ts';
import { makeVolume } from '../support/volume.ts';

const PLAIN: SegmentOrder = { model: 'demo', folds: 'all' };
const FAST: SegmentOrder = { model: 'demo', folds: 'first', fast: true };

function identityOf(segment: SegmentOrder): string {
  return jobIdentity('main', '1.2.3', {
    target: {
      seriesInstanceUid: '1.2.3.4',
      stackId: 'all',
      frames: [],
      sequence: 'haste',
      confidence: 1,
      rule: 'a',
      segment,
      store: { seg: 'binary', sr: true, to: 'main' },
      priority: 'normal',
    },
    modelVersion: '1',
    modelHash: null,
    settings: { spacingMode: 'true', ...orderedSettings(segment) },
  });
}

describe('the settings that a rule orders', () => {
  it('are kept in the job where they differ from nnU-Net’s own', () => {
    expect(orderedSettings(PLAIN)).toEqual({});
    expect(orderedSettings(FAST)).toEqual({ stepSize: 0.8, mirroring: false });
    expect(orderedSettings({ ...PLAIN, splitLevel: 2 })).toEqual({ splitLevel: 2 });
    expect(orderedSettings({ ...FAST, splitLevel: 1 })).toEqual({
      stepSize: 0.8,
      mirroring: false,
      splitLevel: 1,
    });
  });

  it('come out of the job as they went in', () => {
    expect(jobSettings({ spacingMode: 'true' })).toEqual(DEFAULT_SETTINGS);
    expect(jobSettings({ ...orderedSettings(FAST) })).toEqual(FAST_SETTINGS);
  });

  it('make another job of the same target, and only they do', () => {
    const plain = identityOf(PLAIN);
    const others = [FAST, { ...PLAIN, stepSize: 0.7 }, { ...PLAIN, mirroring: false }];
    const identities = [...others, { ...PLAIN, splitLevel: 1 }].map(identityOf);
    expect(new Set([plain, ...identities]).size).toBe(5);
    const spelledOut = { ...PLAIN, stepSize: 0.5, mirroring: true, splitLevel: 0 };
    expect(identityOf(spelledOut)).toBe(plain);
  });
});

describe('the segment step', () => {
  it('runs the model as the job orders, and the labels say so', async () => {
    const model = await importModel({
      input: writeFolder(nnunetFiles({ folds: [0, 1], mirrorAxes: [0] })),
      out: `${temporaryFolder()}/tiny`,
      name: 'tiny',
      version: '1',
      structures: { structure_1: 'liver', structure_2: 'spleen' },
    });
    const folder = new WorkFolder(temporaryFolder());
    // As the fetch step leaves it.
    await mkdir(folder.folderOf('job-1'), { recursive: true });
    const run = async (segment: SegmentOrder): Promise<Labels['run']> => {
      const kept: StoredLabels[] = [];
      const context = {
        folder,
        work: {
          id: 'job-1',
          target: { segment },
          modelHash: model.hash,
          modelVersion: model.version,
          settings: { spacingMode: 'true', ...orderedSettings(segment) },
        },
        model: () => Promise.resolve(model),
        attempt: { volume: makeVolume({ shape: [12, 12, 12] }) },
        segmentation: {
          device: 'cpu',
          kserve: null,
          threads: 1,
          spacingMode: 'true',
          memoryLimit: null,
        },
        device: new Mutex(),
        structures: STRUCTURES,
        signal: new AbortController().signal,
        progress: () => undefined,
        records: {
          jobs: {
            saveSegmentation: (_actor: unknown, _claim: unknown, labels: StoredLabels) => {
              kept.push(labels);
              return Promise.resolve(labels);
            },
          },
        },
      } as unknown as JobContext;
      await segmentStep(context);
      const [labels] = kept;
      if (labels === undefined) throw new Error('nothing was kept');
      return (await unpackLabels(labels)).run;
    };
    const plain = await run({ model: 'tiny', folds: 'all' });
    expect(plain).toMatchObject({ folds: [0, 1], stepSize: 0.5, mirroring: true, splitLevel: 0 });
    const fast = await run({ model: 'tiny', folds: 'first', fast: true });
    expect(fast).toMatchObject({ folds: [0], stepSize: 0.8, mirroring: false, splitLevel: 0 });
    expect(fast.patches).toBeLessThan(plain.patches);
  });
});
