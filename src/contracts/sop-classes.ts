/** Storage SOP classes of images that can become volumes, and their modality (PS3.4 B.5). */
export const VOLUME_MODALITY: Readonly<Record<string, 'CT' | 'MR'>> = {
  '1.2.840.10008.5.1.4.1.1.2': 'CT',
  '1.2.840.10008.5.1.4.1.1.2.1': 'CT',
  '1.2.840.10008.5.1.4.1.1.2.2': 'CT',
  '1.2.840.10008.5.1.4.1.1.4': 'MR',
  '1.2.840.10008.5.1.4.1.1.4.1': 'MR',
  '1.2.840.10008.5.1.4.1.1.4.4': 'MR',
};
