import type {
  HeaderAttributes,
  SeriesHeaders,
  StudyHeaders,
} from '../../../src/contracts/index.ts';
import { waterFatPeriod } from '../../../src/sequences/index.ts';
import { series, stack, type StackSketch, study } from '../../sequences/studies.ts';
import { type DixonPart, type Technique, VENDORS, type VendorStyle } from './vendors.ts';

/** What is known of a generated series: its kind, or `left alone` where any refusal is right. */
export interface Expected {
  readonly kind: string;
  readonly stackId?: string;
  /** Taken by the rules as they ship. */
  readonly selected: boolean;
}
export interface GeneratedStudy {
  readonly name: string;
  readonly headers: StudyHeaders;
  readonly expected: readonly Expected[];
}

type Part = readonly [SeriesHeaders, Expected];

const MR_IMAGE = '1.2.840.10008.5.1.4.1.1.4';
const ENHANCED_MR_IMAGE = '1.2.840.10008.5.1.4.1.1.4.1';
const LEFT_ALONE = 'left alone';
const STUDY_NAMES = [
  'MRI Abdomen w/wo contrast',
  'MRT Oberbauch',
  'IRM foie',
  'RM de abdomen superior',
  'RM addome',
  'MR jamy brzusznej',
  'RM abdome superior',
];
const MISLEADING_BODY_PARTS = ['BRAIN', 'PELVIS', 'CHEST', 'SPINE', 'EXTREMITY', 'HEAD', 'BREAST'];
const NUMBERS = ['Series 5', 'T1 TRA', 'AX BH', 'Ser. 4 RESP', 'COPY', 'TRA', 'new protocol 2'];

/** A scanner that writes headers in its maker's style. */
class Scanner {
  readonly style: VendorStyle;
  readonly tesla: number;
  readonly #common: HeaderAttributes;

  constructor(style: VendorStyle, tesla: number) {
    this.style = style;
    this.tesla = tesla;
    this.#common = {
      Modality: 'MR',
      SOPClassUID: MR_IMAGE,
      Manufacturer: style.manufacturer,
      MagneticFieldStrength: tesla,
      ...(style.mhzPerTesla === null ? {} : { ImagingFrequency: tesla * style.mhzPerTesla }),
    };
  }

  /** Milliseconds of the first in-phase (1) or opposed (0.5) echo, off by `slip` of a cycle. */
  echo(cycles: number, slip = 0.03): number {
    const period = waterFatPeriod(undefined, this.tesla) ?? NaN;
    return Math.round((cycles + slip) * period * 100) / 100;
  }

  make(technique: Technique, name: string | null, own: HeaderAttributes, sketches: StackSketch[]) {
    const named = name === null ? {} : { SeriesDescription: name };
    return series(
      { ...this.#common, ...this.style.headers[technique], ...named, ...own },
      sketches.map(stack),
    );
  }
}

/** Which echo or part a stack is, for its id. */
function echoStack(time: number, further: HeaderAttributes = {}): StackSketch {
  return { id: `EchoTime=${time}`, attributes: { EchoTime: time, ...further } };
}

/** The rest of the study, which is never segmented except the single-shot series. */
function beside(
  scanner: Scanner,
  names: 'as written' | 'none',
  bodyPart: HeaderAttributes,
): Part[] {
  const { style } = scanner;
  const told = (technique: Technique): string | null =>
    names === 'none' ? null : style.names[technique];
  const left = (kind: string): Expected => ({
    kind: names === 'none' ? LEFT_ALONE : kind,
    selected: false,
  });
  const plain = (technique: Technique, own: HeaderAttributes, sketch: StackSketch) =>
    scanner.make(technique, told(technique), { ...bodyPart, ...own }, [sketch]);
  const wide = { slices: 36, spacing: 6 };
  return [
    [
      scanner.make('localizer', told('localizer'), bodyPart, [
        { id: '1', slices: 5, plane: 'axial', spacing: 20 },
        { id: '2', slices: 5, plane: 'coronal', spacing: 20 },
        { id: '3', slices: 5, plane: 'sagittal', spacing: 20 },
      ]),
      left('localizer'),
    ],
    [plain('haste', {}, wide), { kind: 'haste', selected: true }],
    [plain('tse', {}, wide), left('t2_tse')],
    [plain('dwi', {}, wide), left('dwi')],
    [plain('adc', {}, wide), left('adc')],
    [plain('mrcp', {}, { slices: 9, plane: 'oblique', spacing: null }), left('mrcp')],
    [plain('balanced', {}, { ...wide, plane: 'coronal' }), left('bssfp')],
    [
      plain(
        'fsT1',
        { EchoTime: scanner.echo(0.4), ContrastBolusAgent: 'Gadolinium' },
        { slices: 72, spacing: 3 },
      ),
      left('t1_fs_post'),
    ],
    [
      scanner.make(
        'fsT1',
        names === 'none' ? null : `${style.names.fsT1} SUB`,
        {
          ...bodyPart,
          EchoTime: scanner.echo(0.4),
          ImageType: ['DERIVED', 'SECONDARY', 'M', 'SUB'],
        },
        [{ slices: 72, spacing: 3 }],
      ),
      left('subtraction'),
    ],
  ];
}

function dualInOne(scanner: Scanner, name: string | null, own: HeaderAttributes = {}): Part {
  const times = [scanner.echo(0.5), scanner.echo(1)];
  return [
    scanner.make(
      'dual',
      name,
      own,
      times.map((time) => echoStack(time)),
    ),
    { kind: 't1_in_phase', stackId: `EchoTime=${times[1]}`, selected: true },
  ];
}

function dualInTwo(scanner: Scanner, named: boolean): Part[] {
  const one = (echo: 'in' | 'opposed', cycles: number) =>
    scanner.make('dual', named ? scanner.style.echoNames[echo] : null, {}, [
      { attributes: { EchoTime: scanner.echo(cycles) } },
    ]);
  return [
    [one('opposed', 0.5), { kind: 't1_opposed_phase', selected: false }],
    [one('in', 1), { kind: 't1_in_phase', selected: true }],
  ];
}

const PART_KINDS: Readonly<Record<DixonPart, string>> = {
  in: 't1_in_phase',
  opposed: 't1_opposed_phase',
  water: 't1_dixon_water',
  fat: 't1_dixon_fat',
};

/** Parts of a Dixon as series of their own; some scanners give all the time of one echo. */
function dixonParts(scanner: Scanner, parts: readonly DixonPart[], oneTime: boolean): Part[] {
  return parts.map((part) => {
    const cycles = oneTime || part !== 'in' ? 0.5 : 1;
    const headers = scanner.make(
      'dixon',
      scanner.style.partName(part),
      {
        EchoTime: scanner.echo(cycles),
        ...(scanner.style.partType === null ? {} : { ImageType: scanner.style.partType(part) }),
      },
      [{ slices: 72, spacing: 3 }],
    );
    return [headers, { kind: PART_KINDS[part], selected: part === 'in' }];
  });
}

/** All parts of a Dixon in one series, told apart by image type, else by echo time. */
function dixonInOne(scanner: Scanner): Part {
  const { partType } = scanner.style;
  const parts: DixonPart[] =
    partType === null ? ['opposed', 'in'] : ['water', 'opposed', 'in', 'fat'];
  const sketches = parts.map((part) => ({
    id: part,
    slices: 72,
    spacing: 3,
    attributes: {
      EchoTime: scanner.echo(part === 'in' ? 1 : 0.5),
      ...(partType === null ? {} : { ImageType: partType(part) }),
    },
  }));
  return [
    scanner.make('dixon', scanner.style.names.dixon, {}, sketches),
    { kind: 't1_in_phase', stackId: 'in', selected: true },
  ];
}

/**
 * A Dixon of several echoes for fat fraction and R2* under the name of its maker: all echoes in one
 * series, or a series for each. Every second echo is in phase, and none is for segmenting.
 */
function manyPoints(scanner: Scanner, points: number, inOne: boolean): Part[] {
  const { name, cycles } = scanner.style.manyEchoes;
  const times = Array.from({ length: points }, (_, echo) => scanner.echo(cycles * (echo + 1)));
  const own = { FlipAngle: 4 };
  const expected = { kind: 'other_mr', selected: false };
  if (inOne) {
    return [
      [
        scanner.make(
          'dixon',
          name,
          own,
          times.map((time) => echoStack(time)),
        ),
        expected,
      ],
    ];
  }
  return times.map((time) => [
    scanner.make('dixon', name, { ...own, EchoTime: time }, [{ slices: 64, spacing: 4 }]),
    expected,
  ]);
}

/** Enhanced multi-frame: other attributes carry what ScanningSequence and EchoTime say. */
function enhanced(scanner: Scanner): Part[] {
  const times = [scanner.echo(0.5), scanner.echo(1)];
  const object = { SOPClassUID: ENHANCED_MR_IMAGE, ProtocolName: 'abdomen' };
  const bare = { ScanningSequence: '', SequenceVariant: '', SequenceName: '' };
  const multiFrame = (
    technique: Technique,
    own: HeaderAttributes,
    sketches: StackSketch[],
  ): SeriesHeaders => scanner.make(technique, null, { ...bare, ...object, ...own }, sketches);
  return [
    [
      multiFrame(
        'dual',
        { EchoPulseSequence: 'GRADIENT', AcquisitionContrast: 'T1' },
        times.map((time) => ({
          id: `EchoTime=${time}`,
          attributes: { EffectiveEchoTime: time, EchoTime: time },
        })),
      ),
      { kind: 't1_in_phase', stackId: `EchoTime=${times[1]}`, selected: true },
    ],
    [
      multiFrame(
        'haste',
        { EchoPulseSequence: 'SPIN', AcquisitionContrast: 'T2', EchoTrainLength: 96 },
        [{ slices: 36, spacing: 6 }],
      ),
      { kind: 'haste', selected: true },
    ],
  ];
}

/** The scenes a scanner is put through: the T1 part, and whether the rest is named. */
function scenes(scanner: Scanner, turn: number): Readonly<Record<string, Part[]>> {
  const { style } = scanner;
  const rest = beside(scanner, 'as written', { BodyPartExamined: 'ABDOMEN' });
  const misled = {
    BodyPartExamined: MISLEADING_BODY_PARTS[turn % MISLEADING_BODY_PARTS.length] ?? 'BRAIN',
  };
  return {
    'dual echo in one series': [...rest, dualInOne(scanner, style.names.dual)],
    'dual echo in two series': [...rest, ...dualInTwo(scanner, true)],
    'dual echo in two series without descriptions': [
      ...beside(scanner, 'none', {}),
      ...dualInTwo(scanner, false),
    ],
    'dual echo under a name that says nothing': [
      ...rest,
      dualInOne(scanner, NUMBERS[turn % NUMBERS.length] ?? null),
    ],
    'a wrong name on the opposed echo': [
      ...rest,
      [
        scanner.make('dual', style.echoNames.in, {}, [
          { attributes: { EchoTime: scanner.echo(0.5) } },
        ]),
        { kind: LEFT_ALONE, selected: false },
      ],
    ],
    'Dixon of two points, two parts': [...rest, ...dixonParts(scanner, ['opposed', 'in'], false)],
    'Dixon of three points, three parts': [
      ...rest,
      ...dixonParts(scanner, ['water', 'fat', 'in'], false),
    ],
    'Dixon of two points, four parts with one echo time': [
      ...rest,
      ...dixonParts(scanner, ['in', 'opposed', 'fat', 'water'], true),
    ],
    'Dixon in one series': [...rest, dixonInOne(scanner)],
    ...Object.fromEntries(
      [3, 4, 5, 6].flatMap((points) =>
        [true, false].map((inOne) => [
          `Dixon of ${points} points for quantities in ${inOne ? 'one series' : `${points} series`} beside a dual echo`,
          [...rest, ...manyPoints(scanner, points, inOne), dualInOne(scanner, style.names.dual)],
        ]),
      ),
    ),
    'enhanced multi-frame': [
      ...rest.filter(([, expected]) => expected.kind !== 'haste'),
      ...enhanced(scanner),
    ],
    'misleading body parts': [
      ...beside(scanner, 'as written', misled),
      dualInOne(scanner, style.names.dual, misled),
    ],
  };
}

/** Every scene on two scanners of every maker, in a fixed order: the same studies each time. */
export function generatedStudies(): GeneratedStudy[] {
  const studies: GeneratedStudy[] = [];
  VENDORS.forEach((style, maker) => {
    style.fields.forEach((tesla, one) => {
      const turn = maker * 2 + one;
      for (const [scene, parts] of Object.entries(scenes(new Scanner(style, tesla), turn))) {
        const name = STUDY_NAMES[studies.length % STUDY_NAMES.length] ?? null;
        studies.push({
          name: `${scene} (${style.vendor}, ${tesla} T, "${name}")`,
          headers: study(
            name,
            parts.map(([headers]) => headers),
          ),
          expected: parts.map(([, expected]) => expected),
        });
      }
    });
  });
  return studies;
}
