export {
  evaluateFolders,
  type EvaluateFoldersOptions,
  type EvaluateFoldersReport,
} from './evaluate-folders.ts';
