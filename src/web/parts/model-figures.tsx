import type { ModelView } from '../../api/index.ts';
import { words } from './format.ts';

type Figure = ModelView['figures'][number];

/** The makers' figures: a row a structure, a column a scan type, the mean over all structures first. */
export function ModelFigures({ figures }: { readonly figures: readonly Figure[] }) {
  if (figures.length === 0) return <p className="empty">The card states no figures.</p>;
  const columns = distinct(figures.map(({ measure, scanType }) => `${measure} ${scanType}`));
  const structures = distinct(figures.map(({ structure }) => structure ?? ''));
  const of = (column: string, structure: string) =>
    figures.find(
      (one) => `${one.measure} ${one.scanType}` === column && (one.structure ?? '') === structure,
    )?.value;
  return (
    <div className="scroll" role="region" aria-label="Figures by structure" tabIndex={0}>
      <table className="findings">
        <thead>
          <tr>
            <th scope="col">Structure</th>
            {columns.map((column) => (
              <th key={column} scope="col">
                {heading(column)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {structures.map((structure) => (
            <tr key={structure} className={structure === '' ? 'mean' : undefined}>
              <th scope="row">{structure === '' ? 'mean of all' : words(structure)}</th>
              {columns.map((column) => (
                <Value key={column} column={column} value={of(column, structure)} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** A share of one is drawn as a bar, too. */
function Value({ column, value }: { readonly column: string; readonly value: number | undefined }) {
  if (value === undefined) return <td className="number muted">–</td>;
  const share = /dice/i.test(column) && value >= 0 && value <= 1;
  return (
    <td className="number">
      {share && (
        <span className="share" aria-hidden="true">
          <span style={{ width: `${100 * value}%` }} />
        </span>
      )}
      {share ? value.toFixed(2) : value.toFixed(1)}
    </td>
  );
}

function heading(column: string): string {
  const [measure = '', scanType = ''] = column.split(' ');
  return `${measure.replaceAll('_', ' ')}, ${words(scanType)}`;
}

function distinct(values: readonly string[]): string[] {
  return [...new Set(values)];
}
