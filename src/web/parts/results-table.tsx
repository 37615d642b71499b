import type { JobView } from '../../api/index.ts';
import { bytes, moment } from './format.ts';

/** What was stored, and whether reading it back gave the same. */
export function ResultsTable({ results }: { readonly results: JobView['results'] }) {
  return (
    <table className="results cards">
      <thead>
        <tr>
          <th scope="col">Kind</th>
          <th scope="col">SOP Instance UID</th>
          <th scope="col">Size</th>
          <th scope="col">Stored</th>
          <th scope="col">Read back</th>
        </tr>
      </thead>
      <tbody>
        {results.map((result) => (
          <tr key={result.sopInstanceUid}>
            <td>
              {result.kind}
              {result.withdrawn !== null && <small className="gate-hold">withdrawn</small>}
            </td>
            <td>
              <code>{result.sopInstanceUid}</code>
              <small>
                SHA-256 <code>{result.sha256.slice(0, 16)}…</code>
              </small>
              {result.withdrawn !== null && (
                <small>
                  Withdrawn {moment(result.withdrawn.at)}: {result.withdrawn.text}
                  {result.withdrawn.stillShown === true && ' The archive shows it all the same.'}
                </small>
              )}
            </td>
            <td className="number">{bytes(result.bytes)}</td>
            <td className="number">
              {result.archive}
              <small>{moment(result.storedAt)}</small>
            </td>
            <td className={result.verified ? 'gate-pass' : ''}>
              {result.verified ? 'equal' : result.verification}
              {result.warning !== null && (
                <small className="gate-warn">The archive warned: {result.warning}</small>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
