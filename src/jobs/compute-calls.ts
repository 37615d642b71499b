import type {
  EncodedResult,
  Findings,
  GateOrder,
  LabelOrder,
  Labels,
  SourceFrame,
  StoreOrder,
  Structure,
  Volume,
} from '../contracts/index.ts';
import type { ContentComparison } from '../results/index.ts';

/** The DICOM files of a target and the frames of it that make the volume. */
export interface ReadRequest {
  readonly paths: readonly string[];
  readonly selection: { readonly stackId: string; readonly frames: readonly SourceFrame[] };
}

export interface MeasureRequest {
  readonly volume: Volume;
  readonly labels: Labels;
  readonly structures: readonly Structure[];
  /** Which of them are stored, and in what shape. */
  readonly order: LabelOrder;
  /** The gate's levels where a rule orders them. */
  readonly gate?: GateOrder | undefined;
}

export interface MeasureAnswer {
  readonly findings: Findings;
  /** PNG. */
  readonly preview: Uint8Array;
}

/** An earlier report that a new one replaces (PS3.3 C.17.2, Predecessor Documents Sequence). */
export interface PredecessorReport {
  readonly studyInstanceUid: string;
  readonly seriesInstanceUid: string;
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
}

export interface EncodeRequest {
  readonly volume: Volume;
  readonly labels: Labels;
  readonly findings: Findings;
  readonly structures: readonly Structure[];
  readonly node: string;
  readonly version: string;
  /** SHA-256 of what was segmented and with what; equal content gives equal UIDs. */
  readonly content: string;
  /** Number of the run of this content. */
  readonly run: number;
  /** Instance Number of the results: rises with every result of the series. */
  readonly instanceNumber: number;
  /** ISO 8601; the one time that stands in the objects. */
  readonly encodedAt: string;
  readonly order: Omit<StoreOrder, 'to'>;
  readonly predecessor: PredecessorReport | null;
  readonly manufacturer: string;
}

export interface EncodeAnswer {
  /** SEG first, then the SR, then the pictures. */
  readonly results: readonly EncodedResult[];
  /** What our own validator found; empty when the objects may be sent. */
  readonly problems: readonly string[];
}

/** An object as it was encoded and as the archive returns it. */
export interface ComparisonRequest {
  readonly sent: Uint8Array;
  readonly returned: Uint8Array;
}

/** What the compute thread can do: every call by its name, request and answer. */
export interface ComputeCalls {
  readVolume: { request: ReadRequest; answer: Volume };
  measure: { request: MeasureRequest; answer: MeasureAnswer };
  encode: { request: EncodeRequest; answer: EncodeAnswer };
  compareContent: { request: ComparisonRequest; answer: ContentComparison };
}

export type CallName = keyof ComputeCalls;
