import type { ModelCard } from '../contracts/index.ts';
import { table } from './output.ts';

/** One line wherever a model is named in passing: which one, its licence, what it is for. */
export function modelLine(
  card: Pick<ModelCard, 'name' | 'version' | 'licence' | 'intendedUse'>,
): string {
  return `model ${card.name} ${card.version} (${card.licence}): ${card.intendedUse}`;
}

/** The whole card as a person reads it. */
export function modelCardLines(card: ModelCard): string[] {
  const { network, download } = card;
  const rows: (readonly [string, string])[] = [
    ['hash', card.hash],
    ['licence', card.licence],
    ['intended use', card.intendedUse],
    ['sequences', card.sequences.join(', ') || 'not restricted'],
    ...card.facts.map(({ name, value }) => [name, value] as const),
    [
      'network',
      `${network.kind}, ${network.configuration}, ${network.spacing.map(round).join(' × ')} mm`,
    ],
    [
      'patch',
      `${network.patch.join(' × ')} voxels${network.mirrorAxes.length > 0 ? ', mirrored' : ''}`,
    ],
    ['trainer', card.trainer],
    ['dataset', card.dataset ?? 'not stated'],
    ...(card.weightsVersion === null ? [] : [['weights version', card.weightsVersion] as const]),
    ...(download === null
      ? []
      : [
          ['downloaded from', download.address] as const,
          [
            'downloaded at',
            `${download.at}, ${download.bytes} bytes, sha256 ${download.sha256}`,
          ] as const,
        ]),
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  const files = [
    ...card.folds.map((one) => [`fold ${one.fold}`, one.file, String(one.bytes), one.sha256]),
    ...card.sources.map((one) => ['made from', one.file, String(one.bytes), one.sha256]),
  ];
  return [
    `${card.name} ${card.version}`,
    '',
    ...rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`),
    '',
    `structures (${card.structures.length})`,
    ...wrapped(card.structures),
    ...performanceLines(card),
    '',
    'files',
    ...table(['', 'file', 'bytes', 'sha256'], files).map(indented),
  ];
}

function performanceLines({ figures }: ModelCard): string[] {
  if (figures.length === 0) return ['', 'performance: the card states none'];
  return [...new Set(figures.map(({ measure }) => measure))].flatMap((measure) => {
    const ofMeasure = figures.filter((one) => one.measure === measure);
    const scanTypes = [...new Set(ofMeasure.map(({ scanType }) => scanType))];
    const structures = [...new Set(ofMeasure.map(({ structure }) => structure))];
    const rows = structures.map((structure) => [
      structure ?? '(all)',
      ...scanTypes.map((scanType) => {
        const found = ofMeasure.find(
          (one) => one.scanType === scanType && one.structure === structure,
        );
        return found === undefined ? '-' : String(found.value);
      }),
    ]);
    return [
      '',
      `${measure} by structure`,
      ...table(['structure', ...scanTypes], rows).map(indented),
    ];
  });
}

/** Names in lines of at most about 96 characters. */
function wrapped(names: readonly string[]): string[] {
  const lines: string[] = [];
  let line = '';
  for (const name of names) {
    if (line.length + name.length > 94) {
      lines.push(`${line},`);
      line = '';
    }
    line += `${line === '' ? '' : ', '}${name}`;
  }
  return [...lines, line].map(indented);
}

function indented(line: string): string {
  return `  ${line}`;
}

function round(value: number): string {
  return String(Number(value.toFixed(3)));
}
