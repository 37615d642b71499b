/** A header value by DICOM keyword; numbers where the VR is numeric, arrays only where there are several values. */
export type HeaderValue = string | number | readonly (string | number)[];
export type HeaderAttributes = Readonly<Record<string, HeaderValue>>;

export type Plane = 'axial' | 'coronal' | 'sagittal' | 'oblique';

/** A frame of the source: the instance and, for multi-frame instances, the 1-based frame number. */
export interface SourceFrame {
  readonly sopInstanceUid: string;
  readonly frameNumber: number | null;
}

/**
 * One distinct stack inside a series: frames with one orientation, matrix and spacing that differ
 * from the sibling stacks by echo, image type, phase, … (dicom-seg-sr §5.1 item 3).
 */
export interface StackHeaders {
  /** Stable within the series, e.g. `EchoTime=4.6`; `all` when the series holds a single stack. */
  readonly id: string;
  /** Attributes of this stack only (EchoTime, ImageType, …); they win over those of the series. */
  readonly attributes: HeaderAttributes;
  readonly frames: readonly SourceFrame[];
  readonly plane: Plane | null;
  /** Centre-to-centre distance along the normal in mm; null with one slice or no geometry. */
  readonly sliceSpacing: number | null;
  /** Extent along the normal in mm, first to last centre plus one spacing; null without geometry. */
  readonly coverage: number | null;
  /** [between rows, between columns] in mm. */
  readonly pixelSpacing: readonly [number, number] | null;
}

/** What matching knows of one series. Attributes are keyed by DICOM keyword; absent means missing. */
export interface SeriesHeaders {
  readonly seriesInstanceUid: string;
  readonly instanceCount: number;
  readonly attributes: HeaderAttributes;
  readonly stacks: readonly StackHeaders[];
}

export interface StudyHeaders {
  readonly studyInstanceUid: string;
  readonly attributes: HeaderAttributes;
  readonly series: readonly SeriesHeaders[];
}
