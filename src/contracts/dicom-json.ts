/** One element of the DICOM JSON model (PS3.18 F.2). */
export interface DicomJsonElement {
  readonly vr: string;
  readonly Value?: readonly unknown[];
  readonly BulkDataURI?: string;
  readonly InlineBinary?: string;
}

/** A data set in the DICOM JSON model: keys are eight hexadecimal digits in upper case, e.g. `0020000D`. */
export type DicomJson = Readonly<Record<string, DicomJsonElement>>;
