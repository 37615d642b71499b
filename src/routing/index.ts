export { asksFor, checkConditions } from './conditions.ts';
export { decide, type DecisionVersions, seriesNames } from './decide.ts';
export { changesBetween, type DecisionChange, explain, type Explanation } from './explain.ts';
