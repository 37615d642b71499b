export { classifyLine, studyFromLine, type ClassifiedSeries } from './classify-line.ts';
export { fineKindText } from './match-facts.ts';
export { checkEvidenceKinds, matchStudy, UNKNOWN } from './match.ts';
export { echoPhase, waterFatPeriod, type EchoPhase } from './physics.ts';
export { seriesSaying } from './saying.ts';
export { tellingAttributes } from './telling.ts';
