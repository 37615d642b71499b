import { useState } from 'react';
import type { SeriesView } from '../../api/index.ts';
import { words } from './format.ts';

/** Every series of the study with its sequence, its verdict and, on demand, the evidence. */
export function SeriesTable({ series }: { readonly series: readonly SeriesView[] }) {
  return (
    <div className="scroll">
      <table>
        <thead>
          <tr>
            <th>No.</th>
            <th>Description</th>
            <th>Sequence</th>
            <th>Verdict</th>
            <th>Reason</th>
          </tr>
        </thead>
        <tbody>
          {series.map((one) => (
            <SeriesRow key={one.seriesInstanceUid} series={one} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function SeriesRow({ series }: { readonly series: SeriesView }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <tr>
        <td className="number">{series.number ?? '–'}</td>
        <td>
          {series.description ?? '(no description)'}
          <small>
            {series.modality ?? 'no modality'} · {series.instances}{' '}
            {series.instances === 1 ? 'instance' : 'instances'}
          </small>
        </td>
        <td>
          {series.sequence === null ? '–' : words(series.sequence)}
          {series.confidence !== null && (
            <small title="confidence">{Math.round(series.confidence * 100)} %</small>
          )}
        </td>
        <td>
          <span className={series.taken ? 'taken' : 'left'}>
            {series.own ? 'ours' : series.taken ? 'taken' : 'left'}
          </span>
        </td>
        <td className="reason">
          {series.reason}{' '}
          {series.sequence !== null && (
            <button
              type="button"
              className="link"
              aria-expanded={open}
              onClick={() => setOpen(!open)}
            >
              {open ? 'less' : 'why?'}
            </button>
          )}
        </td>
      </tr>
      {open && (
        <tr className="why">
          <td />
          <td colSpan={4}>
            <h4>What speaks for and against</h4>
            <ul>
              {series.evidence.map((item) => (
                <li key={`${item.sequence} ${item.rule} ${item.attribute}`}>
                  <span className={item.weight >= 0 ? 'for' : 'against'}>
                    {item.weight >= 0 ? 'for' : 'against'} {words(item.sequence)}
                  </span>{' '}
                  {item.text}
                </li>
              ))}
              {series.evidence.length === 0 && (
                <li>Nothing in the headers speaks for a sequence.</li>
              )}
            </ul>
            <h4>Rules</h4>
            <ul>
              {series.rules.map((rule) => (
                <li key={rule.rule}>
                  <strong>{rule.rule}</strong>: {rule.text}
                </li>
              ))}
            </ul>
          </td>
        </tr>
      )}
    </>
  );
}
