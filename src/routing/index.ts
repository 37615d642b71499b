export { asksFor, checkConditions } from './conditions.ts';
export { decide, type DecisionVersions, seriesNames } from './decide.ts';
export { explain, type Explanation } from './explain.ts';
export { type FieldValues, readFields } from './read-fields.ts';
