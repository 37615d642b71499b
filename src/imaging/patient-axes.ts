import type { Affine } from '../contracts/index.ts';

/** Which array axis runs along a patient axis. */
export interface PatientAxis {
  /** 0 slices, 1 rows, 2 columns. */
  readonly arrayAxis: 0 | 1 | 2;
  /** 1 when the index rises toward left, posterior or superior; -1 when it falls. */
  readonly sign: 1 | -1;
}

/**
 * The array axes nearest to left, posterior and superior, by ITK's rule (nnunet-inference §1.1): the
 * largest direction cosine is assigned first; on a tie the larger patient axis, then the larger array
 * axis in ITK's order (columns, rows, slices).
 *
 * @returns the axes for [L, P, S].
 */
export function patientAxes(affine: Affine): readonly [PatientAxis, PatientAxis, PatientAxis] {
  const lengths = [0, 1, 2].map((column) =>
    Math.hypot(affine[column] ?? 0, affine[4 + column] ?? 0, affine[8 + column] ?? 0),
  );
  const cosine = (patient: number, column: number) =>
    (affine[4 * patient + column] ?? 0) / (lengths[column] || 1);
  const freePatient = new Set([2, 1, 0]);
  const freeColumns = new Set([2, 1, 0]);
  const axes: [PatientAxis, PatientAxis, PatientAxis] = [
    { arrayAxis: 2, sign: 1 },
    { arrayAxis: 1, sign: 1 },
    { arrayAxis: 0, sign: 1 },
  ];
  while (freePatient.size > 0) {
    let best = { patient: -1, column: -1, size: -1 };
    for (const patient of freePatient) {
      for (const column of freeColumns) {
        const size = Math.abs(cosine(patient, column));
        if (size > best.size) best = { patient, column, size };
      }
    }
    axes[best.patient] = {
      arrayAxis: (2 - best.column) as 0 | 1 | 2,
      sign: cosine(best.patient, best.column) < 0 ? -1 : 1,
    };
    freePatient.delete(best.patient);
    freeColumns.delete(best.column);
  }
  return axes;
}
