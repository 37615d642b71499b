import type { VolumeSource } from '../contracts/index.ts';
import { CODES, codeItem } from './codes.ts';
import { referenceUid, type Dataset } from './dicom/dataset.ts';
import { textProblem } from './dicom/values.ts';
import type { SourceInstance } from './source.ts';

/**
 * Lossy once, lossy for good (PS3.3 C.7.6.1.1.5): ratio and method are the source's, left out where
 * the source does not say them legally.
 */
export function lossyAttributes({ lossy }: VolumeSource): Dataset {
  if (lossy === null) return { LossyImageCompression: '00' };
  const legal = (text: string | null, vr: string): string[] => {
    const values = text === null || text === '' ? [] : text.split('\\').map((one) => one.trim());
    return values.every((one) => one !== '' && textProblem(vr, one) === null) ? values : [];
  };
  const ratio = legal(lossy.ratio, 'DS');
  const method = legal(lossy.method, 'CS');
  return {
    LossyImageCompression: '01',
    ...(ratio.length === 0 ? {} : { LossyImageCompressionRatio: ratio }),
    ...(method.length === 0 ? {} : { LossyImageCompressionMethod: method }),
  };
}

/** General Reference (PS3.3 C.12.4): every instance the network saw. */
export function sourceImageItem({ sopClassUid, sopInstanceUid, frames }: SourceInstance): Dataset {
  return {
    ReferencedSOPClassUID: sopClassUid,
    ReferencedSOPInstanceUID: referenceUid(sopInstanceUid),
    ...(frames.length === 0 ? {} : { ReferencedFrameNumber: frames.map(String) }),
    PurposeOfReferenceCodeSequence: [codeItem(CODES.sourceImage)],
  };
}
