export { compareLabels, type CompareOptions, type LabelPair } from './compare.ts';
export { metricsCsv, summaryCsv } from './csv.ts';
export type { Evaluation, EvaluationParameters } from './evaluation.ts';
export { bringTogether, type PlacedLabels } from './grid.ts';
export { htmlReport } from './report/page.ts';
export { boxPlotPicture } from './report/picture.ts';
export { quantile, statisticsOf, type Statistics } from './statistics.ts';
export {
  ALL,
  counted,
  summarise,
  type InventedCounts,
  type OverallSummary,
  type StructureSummary,
  type Summary,
} from './summary.ts';
export {
  MEASURES,
  type CaseMeasures,
  type Measure,
  type Presence,
  type StructureMeasures,
} from './types.ts';
