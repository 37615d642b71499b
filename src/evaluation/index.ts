export { compareLabels } from './compare.ts';
export { metricsCsv, summaryCsv } from './csv.ts';
export type { Evaluation } from './evaluation.ts';
export { bringTogether, type PlacedLabels } from './grid.ts';
export { htmlReport } from './report/page.ts';
export { boxPlotPicture } from './report/picture.ts';
export { statisticsOf } from './statistics.ts';
export { ALL, summarise, type InventedCounts, type StructureSummary } from './summary.ts';
export type { CaseMeasures, StructureMeasures } from './types.ts';
