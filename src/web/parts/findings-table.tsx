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
    <div className="scroll">
      <table className="findings">
        <thead>
          <tr>
            <th>Structure</th>
            <th className="number">Volume (mL)</th>
            <th className="number">Mean ({of})</th>
            <th className="number">SD</th>
            <th className="number">Median</th>
            <th className="number">Min.</th>
            <th className="number">Max.</th>
            <th>Field of view</th>
          </tr>
        </thead>
        <tbody>
          {findings.map((one) => (
            <tr key={one.structure}>
              <td>{words(one.structure)}</td>
              <td className="number">{one.volumeMl.toFixed(1)}</td>
              <td className="number">{number(one.mean, 1)}</td>
              <td className="number">{number(one.sd, 1)}</td>
              <td className="number">{number(one.median, 0)}</td>
              <td className="number">{number(one.minimum, 0)}</td>
              <td className="number">{number(one.maximum, 0)}</td>
              <td>{one.truncated ? 'cut' : 'whole'}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
