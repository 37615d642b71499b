import { useId, useState } from 'react';
import type { SeriesView } from '../../api/index.ts';
import { words } from './format.ts';

/** Every series of the study with its sequence, its verdict and, on demand, the evidence. */
export function SeriesTable({ series }: { readonly series: readonly SeriesView[] }) {
  return (
    <table className="series cards">
      <thead>
        <tr>
          <th scope="col">No.</th>
          <th scope="col">Series</th>
          <th scope="col">Sequence</th>
          <th scope="col">Verdict</th>
          <th scope="col">Reason</th>
        </tr>
      </thead>
      <tbody>
        {series.map((one) => (
          <SeriesRow key={one.seriesInstanceUid} series={one} />
        ))}
      </tbody>
    </table>
  );
}

function SeriesRow({ series }: { readonly series: SeriesView }) {
  const [open, setOpen] = useState(false);
  const id = useId();
  const name = series.description ?? '(no description)';
  return (
    <>
      <tr>
        <td className="number">{series.number ?? '–'}</td>
        <td>
          {name}
          <small>
            {series.modality ?? 'no modality'} · {series.instances}{' '}
            {series.instances === 1 ? 'instance' : 'instances'}
            {!series.present && ' · no longer in the archive'}
          </small>
        </td>
        <td>
          {series.sequence === null ? '–' : words(series.sequence)}
          {series.confidence !== null && (
            <small>{Math.round(series.confidence * 100)} % confidence</small>
          )}
        </td>
        <td>
          <span className={series.taken ? 'taken' : 'left'}>{verdict(series)}</span>
          {series.rule !== null && <small>{series.rule}</small>}
        </td>
        <td className="reason">
          {series.reason}{' '}
          {series.sequence !== null && (
            <button
              type="button"
              className="link"
              aria-expanded={open}
              aria-controls={id}
              aria-label={`Evidence for ${name}`}
              onClick={() => setOpen(!open)}
            >
              {open ? 'less' : 'why?'}
            </button>
          )}
        </td>
      </tr>
      <tr className="why" id={id} hidden={!open}>
        <td colSpan={5}>{open && <Evidence series={series} />}</td>
      </tr>
    </>
  );
}

function verdict(series: SeriesView): string {
  if (series.own) return 'Ours';
  if (series.sequence === null) return 'Undecided';
  return series.taken ? 'Taken' : 'Left alone';
}

function Evidence({ series: { evidence, rules } }: { readonly series: SeriesView }) {
  return (
    <div className="evidence">
      <div>
        <h3>What speaks for and against</h3>
        <ul>
          {evidence.map((item, index) => (
            <li key={index}>
              <span className={item.weight >= 0 ? 'for' : 'against'}>
                {item.weight >= 0 ? 'for' : 'against'} {words(item.sequence)}
              </span>
              <span>
                {item.text}
                {item.attribute !== '' && (
                  <small>
                    {item.attribute} <code>{item.value}</code>
                  </small>
                )}
              </span>
            </li>
          ))}
          {evidence.length === 0 && <li>Nothing in the headers speaks for a sequence.</li>}
        </ul>
      </div>
      <div>
        <h3>Rules, from the first</h3>
        <ol>
          {rules.map((rule) => (
            <li key={rule.rule}>
              <span className={rule.matched ? 'for' : 'skipped'}>{rule.rule}</span>
              <span>{rule.text}</span>
            </li>
          ))}
          {rules.length === 0 && <li>No rule was tried.</li>}
        </ol>
      </div>
    </div>
  );
}
