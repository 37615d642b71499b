export type {
  ApiError,
  FindingView,
  JobView,
  Me,
  SeriesView,
  StepView,
  StudyOutcome,
  StudyPage,
  StudyRowView,
  StudyView,
} from './schemas.ts';
export { startApi, type ApiOptions, type RunningApi } from './server.ts';
