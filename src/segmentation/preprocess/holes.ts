import type { Vec3 } from '../plans/plan.ts';

/**
 * 1 where a voxel is not zero or lies in a hole: background from which no path of faces (6-connectivity) leads to
 * the border of the array (nnunet-inference §2.2). Runs of background along axis 2 are joined with those they touch in
 * the line and in the plane before; what is joined with the outside is no hole.
 */
export function filledMask(values: Float32Array, shape: Vec3): Uint8Array {
  const [n0, n1, n2] = shape;
  const runs = new Runs();
  const firstOfLine = new Int32Array(n0 * n1 + 1);
  for (let line = 0; line < n0 * n1; line += 1) {
    const y = line % n1;
    const isFace = line < n1 || line >= (n0 - 1) * n1 || y === 0 || y === n1 - 1;
    firstOfLine[line] = runs.count;
    addRuns(runs, values, line * n2, n2, isFace);
    firstOfLine[line + 1] = runs.count;
    const join = (other: number): void => {
      joinTouching(runs, firstOfLine, line, other, n2);
    };
    if (y > 0) join(line - 1);
    if (line >= n1) join(line - n1);
  }
  const mask = new Uint8Array(values.length).fill(1);
  const outside = runs.root(OUTSIDE);
  for (let run = 1; run < runs.count; run += 1) {
    if (runs.root(run) === outside) mask.fill(0, runs.start(run), runs.end(run));
  }
  return mask;
}

/** The first run stands for everything beyond the array. */
const OUTSIDE = 0;
/** Numbers of a run: start, end (half-open, indices of the array), and the run it is joined with or itself. */
const FIELDS = 3;

class Runs {
  count = 0;
  private fields = new Int32Array(FIELDS * 4096);

  constructor() {
    this.add(0, 0);
  }

  add(start: number, end: number): number {
    const at = FIELDS * this.count;
    if (at === this.fields.length) {
      const larger = new Int32Array(2 * this.fields.length);
      larger.set(this.fields);
      this.fields = larger;
    }
    this.fields[at] = start;
    this.fields[at + 1] = end;
    this.fields[at + 2] = this.count;
    this.count += 1;
    return this.count - 1;
  }

  start(run: number): number {
    return this.fields[FIELDS * run] ?? 0;
  }

  end(run: number): number {
    return this.fields[FIELDS * run + 1] ?? 0;
  }

  root(run: number): number {
    const { fields } = this;
    let current = run;
    for (;;) {
      const parent = fields[FIELDS * current + 2] ?? 0;
      if (parent === current) return current;
      const grandparent = fields[FIELDS * parent + 2] ?? 0;
      fields[FIELDS * current + 2] = grandparent;
      current = grandparent;
    }
  }

  join(a: number, b: number): void {
    const [p, q] = [this.root(a), this.root(b)];
    if (p < q) this.fields[FIELDS * q + 2] = p;
    else this.fields[FIELDS * p + 2] = q;
  }
}

function addRuns(
  runs: Runs,
  values: Float32Array,
  start: number,
  length: number,
  isFace: boolean,
): void {
  const end = start + length;
  let at = start;
  while (at < end) {
    while (at < end && values[at] !== 0) at += 1;
    if (at === end) return;
    const from = at;
    while (at < end && values[at] === 0) at += 1;
    const run = runs.add(from, at);
    if (isFace || from === start || at === end) runs.join(OUTSIDE, run);
  }
}

/** Joins the runs of two lines that have a column in common. */
function joinTouching(
  runs: Runs,
  firstOfLine: Int32Array,
  line: number,
  other: number,
  length: number,
): void {
  const shift = (line - other) * length;
  const [endHere, endThere] = [firstOfLine[line + 1] ?? 0, firstOfLine[other + 1] ?? 0];
  let here = firstOfLine[line] ?? 0;
  let there = firstOfLine[other] ?? 0;
  while (here < endHere && there < endThere) {
    const [start, end] = [runs.start(there) + shift, runs.end(there) + shift];
    if (start < runs.end(here) && runs.start(here) < end) runs.join(here, there);
    if (runs.end(here) < end) here += 1;
    else there += 1;
  }
}
