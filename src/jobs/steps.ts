export const STEP_NAMES = ['fetch', 'segment', 'measure', 'encode', 'store', 'verify'] as const;
export type StepName = (typeof STEP_NAMES)[number];

/** One row of the table that the worker, the documentation's figure and the alerts are made from. */
export interface StepDefinition {
  readonly name: StepName;
  readonly does: string;
  /** What the step leaves behind, and where. */
  readonly artifact: string;
  /** An attempt that has said nothing for so long is taken over by another worker. */
  readonly leaseSeconds: number;
  /** Whether a host that takes the job over can start after this step with the database alone. */
  readonly resumes: 'any-host' | 'same-host';
  readonly next: StepName | null;
}

/** The steps in their order (design §7). Only errors of class `retry` run a step again. */
export const STEPS: readonly StepDefinition[] = [
  {
    name: 'fetch',
    does: 'retrieves the target’s instances and checks them against the archive’s list',
    artifact: 'instances and their manifest in the work folder',
    leaseSeconds: 60,
    resumes: 'same-host',
    next: 'segment',
  },
  {
    name: 'segment',
    does: 'reads the volume and runs the model',
    artifact: 'labels, compressed, in the database',
    leaseSeconds: 60,
    resumes: 'any-host',
    next: 'measure',
  },
  {
    name: 'measure',
    does: 'measures every structure and judges the result at the gate',
    artifact: 'findings and gate verdicts in the database',
    leaseSeconds: 60,
    resumes: 'any-host',
    next: 'encode',
  },
  {
    name: 'encode',
    does: 'writes SEG and SR with fixed UIDs and times and validates them',
    artifact: 'SEG and SR in the work folder, UIDs and hashes in the database',
    leaseSeconds: 60,
    resumes: 'any-host',
    next: 'store',
  },
  {
    name: 'store',
    does: 'sends the SEG, then the SR, by STOW-RS',
    artifact: 'the archive’s answer in the database',
    leaseSeconds: 60,
    resumes: 'any-host',
    next: 'verify',
  },
  {
    name: 'verify',
    does: 'reads both back and compares their content',
    artifact: 'the result rows in the database',
    leaseSeconds: 60,
    resumes: 'any-host',
    next: null,
  },
];
