import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { loadStructures } from '../../src/config/index.ts';
import { conformanceStatement } from '../../src/conformance/index.ts';
import { AIR_REQUIREMENTS } from '../../src/conformance/air-requirements.ts';
import { CODES } from '../../src/results/index.ts';

describe('the conformance statement', () => {
  let text = '';

  beforeAll(async () => {
    const { value } = await loadStructures('config/structures.json');
    text = await conformanceStatement(value);
  });

  it('is up to date (node src/conformance/write.ts)', () => {
    expect(readFileSync('docs/conformance.md', 'utf8')).toBe(text);
  });

  it('names the requests as they go over the wire', () => {
    expect(text).toContain('`GET /studies/{study}/series/{series}/metadata`');
    expect(text).toMatch(/`POST \/studies`.*multipart\/related.*application\/dicom/);
    expect(text).not.toMatch(/127\.0\.0\.1|GET \/studies\/1\.2/);
  });

  it('tells what is copied from what is fixed and what is made', () => {
    const valueOf = (keyword: string): string | undefined =>
      new RegExp(`^\\| ${keyword} .*\\| ([^|]+) \\|$`, 'm').exec(text)?.[1];
    expect(valueOf('FrameOfReferenceUID')).toBe('copied from the source');
    expect(valueOf('>>ImagePositionPatient')).toBe('copied from the source');
    expect(valueOf('SeriesInstanceUID')).toBe('generated');
    expect(valueOf('SegmentationType')).toBe('fixed: `BINARY`');
    expect(valueOf('>DimensionIndexPointer')).toContain('(0062,000B)');
    expect(valueOf('NumberOfFrames')).toBe('generated');
  });

  it('names tests of AI Results that exist', () => {
    for (const { requirement, test } of AIR_REQUIREMENTS) {
      expect(text).toContain(requirement);
      const [, file = '', title = ''] = /^(\S+): (.+)$/.exec(test) ?? [];
      expect(readFileSync(`test/${file}`, 'utf8')).toContain(`it('${title}'`);
    }
  });

  it('has every code', () => {
    for (const { value, meaning } of Object.values(CODES)) {
      expect(text).toContain(`| \`${value}\` |`);
      expect(text).toContain(meaning);
    }
  });
});
