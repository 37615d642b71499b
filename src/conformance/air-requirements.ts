/** Where a requirement was read; none of these is the profile's text as a whole. */
export const AIR_SOURCES = {
  'AIR 1.3':
    'IHE AIR Rev. 1.3 (8 August 2025, Trial Implementation), vol. 3 §6.5.3.1, pages 81 to 82, and vol. 1 page 17, as a public study of AI objects transcribes them word for word, with the hash of the document',
  'AIR 1.1':
    'IHE AIR Rev. 1.1, single sentences that a public toolkit for AI applications quotes in its source',
  IHE: 'IHE’s public instructions on how to prepare its test sessions for this actor',
  DICOM: 'PS3.3 and PS3.16; what the profile asks beyond them was not seen',
} as const;

/** A requirement on the Evidence Creator, in our words. */
export interface AirRequirement {
  readonly source: keyof typeof AIR_SOURCES;
  readonly requirement: string;
  /** What Situs does and where its code does it. */
  readonly met: string;
  /** `file below test/: title of the test`. */
  readonly test: string;
}

const AIR_TEST = 'results/air.test.ts';

export const AIR_REQUIREMENTS: readonly AirRequirement[] = [
  {
    source: 'AIR 1.3',
    requirement:
      'Every algorithm used stands in Contributing Equipment Sequence (0018,A001), with Purpose of Reference (109102, DCM, "Processing Equipment"), Manufacturer, Manufacturer’s Model Name, Software Versions and Device UID',
    met: 'the first item, in SEG, label map, report and pictures (`results/equipment.ts`)',
    test: `${AIR_TEST}: describes the algorithm in Contributing Equipment of every object`,
  },
  {
    source: 'AIR 1.3',
    requirement:
      'What the report’s tree names by TID 1004 also stands in Contributing Equipment, with equal maker, model name and UID',
    met: 'the device observer is the node; the second item is the node (`results/sr/content.ts`, `results/equipment.ts`)',
    test: `${AIR_TEST}: names as device observer what an item of Contributing Equipment names`,
  },
  {
    source: 'AIR 1.3',
    requirement:
      'What the report’s tree names by TID 4019 also stands there, with equal Algorithm Name and Algorithm Version',
    met: 'each measurement group names the algorithm of the first item (`results/sr/measurements.ts`)',
    test: `${AIR_TEST}: names in every group the algorithm of Contributing Equipment`,
  },
  {
    source: 'AIR 1.3',
    requirement:
      'Table 6.5.3.1-1 sets Algorithm Source, Name and Version of an Algorithm Identification Sequence beside the same values (whether equality is a "shall" there is open in the text)',
    met: 'equal in every segment; a label map’s background names none (`results/seg/segment-item.ts`)',
    test: `${AIR_TEST}: names in every segment the algorithm of Contributing Equipment`,
  },
  {
    source: 'AIR 1.3',
    requirement: 'General Equipment is the creator that packages results, apart from the AI model',
    met: 'General Equipment is the node (`results/equipment.ts`)',
    test: `${AIR_TEST}: has the node as General Equipment, apart from the algorithm`,
  },
  {
    source: 'AIR 1.1',
    requirement: 'Device UID changes each time the model is modified, e.g. trained again',
    met: 'derived from the hash of the weights; the same on every host (`results/uids.ts`)',
    test: 'results/uids.test.ts: keep tracking over model versions, with a new device for new weights',
  },
  {
    source: 'AIR 1.1',
    requirement: 'Findings are encoded in a Comprehensive 3D SR with TID 1500 as its root template',
    met: 'the one report format (`results/sr/encode.ts`)',
    test: `${AIR_TEST}: writes a Comprehensive 3D SR with TID 1500 at its root`,
  },
  {
    source: 'AIR 1.1',
    requirement:
      'Procedure Reported (121058, DCM) is the imaging procedure that was analysed, not the algorithm',
    met: 'MRI or CT of an unspecified body region (`results/sr/content.ts`)',
    test: `${AIR_TEST}: reports the imaging procedure, not the algorithm`,
  },
  {
    source: 'IHE',
    requirement:
      'Results are Comprehensive 3D SR, Segmentation, Parametric Map or Key Object Selection',
    met: 'the first two; pictures (secondary capture) only by rule, beside a segmentation, and outside the profile',
    test: `${AIR_TEST}: writes a Comprehensive 3D SR with TID 1500 at its root`,
  },
  {
    source: 'IHE',
    requirement: 'PixelMed’s DICOM validator finds no error in the report',
    met: '**not tried**, for want of that validator; dciodvfy, dsrdump, highdicom and our own template check find none',
    test: 'results/acceptance-report.test.ts: 12. has the tree of the template, and nothing that dsrdump or dciodvfy minds',
  },
  {
    source: 'DICOM',
    requirement:
      'Tracking: every finding has a Tracking Identifier and a Tracking Unique Identifier of its own (TID 1411 rows 2 and 3), the same as its segment’s (0062,0020), (0062,0021)',
    met: 'in every group; kept over re-runs and new model versions (`results/uids.ts`)',
    test: `${AIR_TEST}: tracks every finding by an identifier and a UID of its own, those of its segment`,
  },
  {
    source: 'DICOM',
    requirement:
      'Segmentation: a group refers to one segment of the stored object and to its source (TID 1411)',
    met: 'Referenced Segment (121191, DCM) and Source series for segmentation (121232, DCM)',
    test: `${AIR_TEST}: ties every group to one segment of the stored object and to the source series`,
  },
  {
    source: 'DICOM',
    requirement:
      'References: every instance in the tree stands in Current Requested Procedure Evidence Sequence, by study and series, and results stand in the study of their images',
    met: 'the segmentation and the images that were used, nothing else (`results/sr/encode.ts`)',
    test: `${AIR_TEST}: has as evidence exactly the instances of its tree, in the study of the images`,
  },
  {
    source: 'DICOM',
    requirement:
      'Measurements: a number has a coded quantity, a UCUM unit and a method or derivation (TID 1419); a failed one has a qualifier in place of a number',
    met: 'volume by method, intensity by derivation (`results/sr/measurements.ts`)',
    test: `${AIR_TEST}: gives every measurement a quantity, a unit, and a method or derivation`,
  },
  {
    source: 'DICOM',
    requirement:
      'Qualitative findings: coded question and answer inside the group that they are about; private schemes are identified',
    met: 'one: whether the field of view cuts the structure (99SITUS)',
    test: `${AIR_TEST}: codes qualitative findings inside their group, and identifies its own scheme`,
  },
  {
    source: 'DICOM',
    requirement: 'Observation context: the observer is a device, named once at the root (TID 1001)',
    met: 'Observer Type is Device; no person is claimed, the report is UNVERIFIED',
    test: `${AIR_TEST}: says at its root that a device observed, and that nobody has verified it`,
  },
];

/** Parts of the profile that Situs does not write, and why. */
export const AIR_NOT_WRITTEN: readonly (readonly [string, string])[] = [
  ['Locations (points, SCOORD3D)', 'structures are segments'],
  ['Regions as contours (TID 1410)', 'structures are segments'],
  ['Parametric maps', 'no model makes any'],
  [
    'Image references as Key Object Selection',
    'nothing is flagged; Key Object Selection serves withdrawal only',
  ],
  ['Worklists of AI tasks (AIW-I, UPS-RS)', 'not supported'],
];

/** What could not be checked against the profile's text, for it was not at hand. */
export const AIR_UNCHECKED: readonly string[] = [
  'vol. 3 §6.5.3 after its first section: what is asked of each kind of result (qualitative findings, measurements, locations, regions, parametric maps, tracking, references to images); the rows marked "DICOM" stand in for it',
  'the paragraph on objects that are no reports behind Table 6.5.3.1-1',
  'vol. 2: the transactions by which an Evidence Creator stores. Situs stores by STOW-RS alone, and has no DIMSE. RAD-136, which is sometimes named here, is Display Analysis Results, a transaction of the Image Display',
  'vol. 1: required groupings with other actors and profiles, and options',
];
