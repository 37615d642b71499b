export { classifyLine, studyFromLine, type ClassifiedSeries } from './classify-line.ts';
export { checkEvidenceKinds, matchStudy, UNKNOWN } from './match.ts';
export { echoPhase, waterFatPeriod, type EchoPhase } from './physics.ts';
