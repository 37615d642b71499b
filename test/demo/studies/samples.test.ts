import dcmjs from 'dcmjs';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { loadSequences } from '../../../src/config/index.ts';
import type { DicomJson } from '../../../src/contracts/index.ts';
import { buildVolume, readInstance, seriesHeaders } from '../../../src/imaging/index.ts';
import { matchStudy } from '../../../src/sequences/index.ts';
import { sampleStudies, type SampleStudy } from '../../../src/demo/index.ts';

const studies: SampleStudy[] = [];
const coarse = { phantomSpacing: 5 };

function values(file: { bytes: Uint8Array }, tag: string): readonly unknown[] {
  const { dict } = dcmjs.data.DicomMessage.readFile(file.bytes.slice().buffer);
  return dict[tag]?.Value ?? [];
}

beforeAll(async () => {
  for await (const study of sampleStudies(9500, coarse)) studies.push(study);
}, 180_000);

describe('the sample studies', () => {
  it('hold one MR with T1, one MR with single-shot T2, one CT', () => {
    const targets = studies.map((s) => s.expected.filter((e) => e.target).map((e) => e.sequence));
    expect(targets).toEqual([['t1_in_phase'], ['haste', 'haste'], ['ct_abdomen']]);
  });

  it('hold the series that they promise, with that many instances', () => {
    for (const study of studies) {
      const counts = new Map<unknown, number>();
      for (const file of study.files) {
        expect(values(file, '0020000D')).toEqual([study.studyInstanceUid]);
        const [series] = values(file, '0020000E');
        counts.set(series, (counts.get(series) ?? 0) + 1);
      }
      expect(counts).toEqual(
        new Map(study.expected.map((e) => [e.seriesInstanceUid, e.instances])),
      );
    }
  });

  it('use every UID once, under 2.25 and below 2^128', () => {
    const uids = studies.flatMap((s) => s.files.map((f) => f.sopInstanceUid));
    expect(new Set(uids).size).toBe(uids.length);
    for (const uid of uids) {
      expect(uid.startsWith('2.25.')).toBe(true);
      expect(BigInt(uid.slice(5)) < 2n ** 128n).toBe(true);
    }
  });

  it('hold both echoes of the dual echo in one series', () => {
    const [study] = studies;
    const wanted = study?.expected.find((e) => e.sequence === 't1_in_phase')?.seriesInstanceUid;
    const files = study?.files.filter((f) => values(f, '0020000E')[0] === wanted) ?? [];
    const echoes = new Set(files.map((f) => Number(values(f, '00180081')[0])));
    expect(echoes).toEqual(new Set([2.3, 4.6]));
  });

  it('are understood by the shipped sequence definitions', async () => {
    const definitions = (await loadSequences('config/sequences.yaml')).value;
    for (const study of studies) {
      const instances = study.files.map((f) => readInstance(f.bytes).dataset);
      const text = (d: DicomJson, tag: string): unknown => d[tag]?.Value?.[0];
      const series = study.expected.map((e) =>
        seriesHeaders(instances.filter((d) => text(d, '0020000E') === e.seriesInstanceUid)),
      );
      const matches = matchStudy(
        {
          studyInstanceUid: study.studyInstanceUid,
          attributes: { StudyDescription: String(text(instances[0] ?? {}, '00081030')) },
          series,
        },
        definitions,
      );
      const found = matches.map((m, i) => `${study.expected[i]?.description ?? ''}: ${m.sequence}`);
      expect(found).toEqual(study.expected.map((e) => `${e.description}: ${e.sequence}`));
      for (const [i, m] of matches.entries())
        if (study.expected[i]?.target === true) expect(m.confidence).toBeGreaterThan(0.9);
    }
  });

  it('mark the CT outside its reconstruction circle as padding', async () => {
    const study = studies[2];
    const wanted = study?.expected.find((e) => e.sequence === 'ct_abdomen')?.seriesInstanceUid;
    const files = study?.files.filter((f) => f.seriesInstanceUid === wanted) ?? [];
    const volume = await buildVolume(files.map((f) => readInstance(f.bytes)));
    const [, rows, columns] = volume.shape;
    expect(volume.padding?.[0]).toBe(1);
    expect(volume.padding?.[(rows / 2) * columns + columns / 2]).toBe(0);
  });

  it('are the same bytes in the next run', async () => {
    for await (const again of sampleStudies(9500, coarse)) {
      const [first] = studies;
      expect(again.files).toHaveLength(first?.files.length ?? -1);
      const differing = again.files.filter(
        (f, i) => Buffer.compare(f.bytes, first?.files[i]?.bytes ?? new Uint8Array()) !== 0,
      );
      expect(differing).toEqual([]);
      break;
    }
  }, 120_000);
});
