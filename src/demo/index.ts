/** Door of the demo room: phantoms, sample studies, and the services the demo and the tests start. */
export { startDemo, type DemoOptions, type RunningDemo } from './node/demo.ts';
export { startOrthanc, type OrthancOptions, type RunningOrthanc } from './services/orthanc.ts';
export { startPostgres, type PostgresOptions, type RunningPostgres } from './services/postgres.ts';
export { makePhantom, type Phantom } from './phantom/phantom.ts';
export {
  takeScan,
  type ImageName,
  type Scan,
  type ScanKind,
  type ScanOptions,
} from './phantom/scan.ts';
export {
  phantomSeries,
  type PhantomSeries,
  type PhantomSeriesOptions,
} from './studies/phantom-series.ts';
export { sampleStudies, type ExpectedSeries, type SampleStudy } from './studies/samples.ts';
export type { DicomFile } from './studies/series.ts';
