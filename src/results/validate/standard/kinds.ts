/** The kinds of objects that Situs writes. */
export type ObjectKind = 'binary' | 'labelMap' | 'report' | 'rejection' | 'capture';

/** Which modules of an IOD its objects hold, beside the mandatory ones. */
export interface KindModules {
  readonly sopClassUid: string;
  /** Conditional (C) and optional (U) modules that Situs always writes, so that their types bind. */
  readonly written: readonly string[];
  /** Modules of which a result has what its source has; what the source lacks is not Situs's to invent. */
  readonly copied: readonly string[];
}

/** Patient and study of the source; the mandatory ones of the list bind nevertheless. */
const COPIED = ['clinical-trial-subject', 'patient-study', 'clinical-trial-study'];

/** A segmentation lies in the source's frame of reference and names the instances it comes from. */
const SEGMENTATION = ['frame-of-reference', 'general-reference', 'common-instance-reference'];

/**
 * Every kind with its modules. The others that are not mandatory are left out: palette and ICC profile
 * (grey pixels only), specimen, slide and pyramid (no microscopy), frame extraction, cine, device and
 * acquisition (nothing of the kind was done), series of clinical trials (the series is Situs's own).
 * Pictures show a legend beside the slice, so that no frame of reference holds for all their pixels.
 */
export const KINDS: Readonly<Record<ObjectKind, KindModules>> = {
  binary: { sopClassUid: '1.2.840.10008.5.1.4.1.1.66.4', written: SEGMENTATION, copied: COPIED },
  labelMap: { sopClassUid: '1.2.840.10008.5.1.4.1.1.66.7', written: SEGMENTATION, copied: COPIED },
  report: { sopClassUid: '1.2.840.10008.5.1.4.1.1.88.34', written: [], copied: COPIED },
  rejection: { sopClassUid: '1.2.840.10008.5.1.4.1.1.88.59', written: [], copied: COPIED },
  capture: {
    sopClassUid: '1.2.840.10008.5.1.4.1.1.7.4',
    written: [
      'general-equipment',
      'general-reference',
      'common-instance-reference',
      'sc-multi-frame-vector',
    ],
    copied: COPIED,
  },
};
