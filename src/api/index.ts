export type {
  ApiError,
  FindingView,
  JobView,
  Me,
  ModelView,
  NodeView,
  PatientView,
  SeriesView,
  StepView,
  StudyOutcome,
  StudyPage,
  StudyRowView,
  StudyView,
} from './schemas.ts';
export type { Listening as RunningApi } from './listen.ts';
export { startApi, type ApiOptions } from './server.ts';
