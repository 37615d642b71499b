import { describe, expect, it } from '@jest/globals';
import { parseCases } from '../../src/evaluate-folders/cases-file.ts';
import type { FoundFiles, LabelFile } from '../../src/evaluate-folders/files.ts';
import { pairFiles } from '../../src/evaluate-folders/pairs.ts';

function found(...paths: readonly string[]): FoundFiles {
  const files = paths.map((path): LabelFile => {
    const levels = path.split('/');
    return { path, kind: 'nifti', name: levels.at(-1) ?? '', levels: levels.slice(0, -1) };
  });
  return { files, others: [] };
}

describe('pairing', () => {
  it('goes by folders and name, and by a name that is alone on both sides', () => {
    const { pairs, unpaired } = pairFiles(
      found('ct/a', 'mr/a', 'ct/b', 'c', 'ct/d', 'mr/d'),
      found('ct/a', 'mr/a', 'b', 'x/c', 'd', 'e'),
      null,
    );
    expect(pairs.map((one) => [one.case, one.scanType, one.prediction.path])).toEqual([
      ['ct/a', 'ct', 'ct/a'],
      ['ct/b', 'ct', 'b'],
      ['mr/a', 'mr', 'mr/a'],
      ['x/c', 'x', 'x/c'],
    ]);
    expect(unpaired.map((one) => `${one.side} ${one.path}`)).toEqual([
      'reference ct/d',
      'reference mr/d',
      'prediction d',
      'prediction e',
    ]);
  });

  it('takes scan type and group from the table of cases', () => {
    const table = parseCases(
      'cases.csv',
      'case;age;scan_type;group\r\na;50;"T1; axial";x\n\nct/b;1;;y\n',
    );
    const { pairs } = pairFiles(
      found('ct/a', 'ct/b', 'ct/c'),
      found('ct/a', 'ct/b', 'ct/c'),
      table,
    );
    expect(pairs.map((one) => [one.scanType, one.group])).toEqual([
      ['T1; axial', 'x'],
      ['ct', 'y'],
      ['ct', ''],
    ]);
  });

  const broken: readonly (readonly [string, string, RegExp])[] = [
    ['no column case', 'name,group\na,b\n', /cases\.csv:1/],
    ['too few cells', 'case,group\n\na\n', /cases\.csv:3 has 1 cells/],
    ['a case twice', 'case\na\n"a"\n', /cases\.csv:3 names the case "a" again/],
  ];
  it.each(broken)('refuses a table with %s', (_what, text, message) => {
    expect(() => parseCases('cases.csv', text)).toThrow(message);
  });
});
