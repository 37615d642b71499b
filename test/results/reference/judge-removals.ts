/**
 * Asks dciodvfy about every object with one attribute removed, and lists what it calls an error that
 * our tables do not see: `node test/results/reference/judge-removals.ts`. It knows no label maps.
 */
import { readDicom } from '../../../src/results/index.ts';
import { dciodvfy } from '../../support/dciodvfy.ts';
import {
  attributesOf,
  EXAMPLES,
  findingsOf,
  OBJECT_KINDS,
  without,
} from '../../support/removals.ts';

for (const kind of OBJECT_KINDS) {
  if (kind === 'labelMap') continue;
  const bytes = EXAMPLES[kind];
  const all = attributesOf(kind, readDicom(bytes).dataset);
  const unique = [...new Map(all.map((one) => [`${one.place}/${one.keyword}`, one])).values()];
  let [both, ours, theirs] = [0, 0, 0];
  for (const one of unique) {
    const broken = without(bytes, one, 'removed');
    const complaints = dciodvfy(broken);
    const seen = findingsOf(kind, readDicom(broken).dataset).length > 0;
    if (seen && complaints.length > 0) both += 1;
    else if (seen) ours += 1;
    else if (complaints.length > 0) {
      theirs += 1;
      process.stdout.write(
        `${kind}: only dciodvfy blames the lack of ${one.path}: ${complaints.join('; ')}\n`,
      );
    }
  }
  process.stdout.write(
    `${kind}: ${unique.length} removed, ${both} blamed by both, ${ours} by our tables only, ${theirs} by dciodvfy only\n`,
  );
}
