import type { FindingView } from '../../api/index.ts';
import { words } from './format.ts';

const number = (value: number | null, digits: number) =>
  value === null ? '–' : value.toFixed(digits);

/** Measures of every structure found, in the order of the model's labels. */
export function FindingsTable({
  findings,
  unit,
}: {
  readonly findings: readonly FindingView[];
  readonly unit: string | null;
}) {
  const of = unit === 'HU' ? 'HU' : 'arb. unit';
  return (
    // Focusable, so that the keyboard reaches what is off the screen.
    <div className="scroll" role="region" aria-label="Measures of every structure" tabIndex={0}>
      <table className="findings">
        <thead>
          <tr>
            <th scope="col">Structure</th>
            <th scope="col">Volume (mL)</th>
            <th scope="col">Mean ({of})</th>
            <th scope="col">SD</th>
            <th scope="col">Median</th>
            <th scope="col">Min.</th>
            <th scope="col">Max.</th>
            <th scope="col">Field of view</th>
          </tr>
        </thead>
        <tbody>
          {findings.map((one) => (
            <tr key={one.structure}>
              <th scope="row">{words(one.structure)}</th>
              <td className="number">{one.volumeMl.toFixed(1)}</td>
              <td className="number">{number(one.mean, 1)}</td>
              <td className="number">{number(one.sd, 1)}</td>
              <td className="number">{number(one.median, 0)}</td>
              <td className="number">{number(one.minimum, 0)}</td>
              <td className="number">{number(one.maximum, 0)}</td>
              <td className={one.truncated ? 'gate-warn' : 'muted'}>
                {one.truncated ? 'cut' : 'whole'}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
