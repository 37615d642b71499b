import type {
  HeaderAttributes,
  MatchFact,
  Plane,
  Rule,
  RuleSet,
  SequenceMatch,
  SeriesHeaders,
  StackHeaders,
  StudyHeaders,
} from '../../src/contracts/index.ts';

export const VERSIONS = { ruleSetVersion: 'rules-1', sequencesVersion: 'sequences-1' };

export interface Sketch {
  readonly uid: string;
  readonly sequence?: string;
  readonly confidence?: number;
  readonly attributes?: HeaderAttributes;
  readonly facts?: readonly MatchFact[];
  readonly plane?: Plane | null;
  readonly slices?: number;
  readonly spacing?: number | null;
  readonly coverage?: number | null;
  readonly noImages?: boolean;
}

export interface Case {
  readonly study: StudyHeaders;
  readonly matches: SequenceMatch[];
}

export function caseOf(sketches: readonly Sketch[], attributes: HeaderAttributes = {}): Case {
  return {
    study: { studyInstanceUid: '1.2', attributes, series: sketches.map(seriesOf) },
    matches: sketches.map(matchOf),
  };
}

function seriesOf(sketch: Sketch): SeriesHeaders {
  const { slices = 40, spacing = 5 } = sketch;
  const stack: StackHeaders = {
    id: 'all',
    attributes: {},
    frames: Array.from({ length: slices }, (_, index) => ({
      sopInstanceUid: `${sketch.uid}.${index}`,
      frameNumber: null,
    })),
    plane: sketch.plane === undefined ? 'axial' : sketch.plane,
    sliceSpacing: spacing,
    coverage: sketch.coverage === undefined ? (spacing ?? 0) * slices : sketch.coverage,
    pixelSpacing: [1, 1],
  };
  return {
    seriesInstanceUid: sketch.uid,
    instanceCount: slices,
    attributes: { Modality: 'CT', SeriesDescription: `series ${sketch.uid}`, ...sketch.attributes },
    stacks: sketch.noImages === true ? [] : [stack],
  };
}

function matchOf(sketch: Sketch): SequenceMatch {
  const { sequence = 'ct_abdomen', confidence = 0.95 } = sketch;
  return {
    seriesInstanceUid: sketch.uid,
    stackId: sketch.noImages === true ? null : 'all',
    sequence,
    confidence,
    reason: `${sequence} by its words`,
    evidence: [],
    stacks: [],
    facts: sketch.facts,
  };
}

export function rule(name: string, when: Rule['when'], more: Partial<Rule> = {}): Rule {
  return {
    name,
    when,
    segment: { model: 'demo', folds: 'all' },
    store: { seg: 'binary', sr: true, to: 'main' },
    priority: 'normal',
    ...more,
  };
}

export function leave(name: string, when: Rule['when'], reason: string): Rule {
  return { name, when, leave: reason };
}

export function ruleSet(...rules: readonly Rule[]): RuleSet {
  return { rules };
}
