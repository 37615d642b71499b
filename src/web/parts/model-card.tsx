import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { ModelView } from '../../api/index.ts';
import { get } from '../client.ts';
import { Failure } from './failure.tsx';
import { bytes, moment, words } from './format.ts';
import { ModelFigures } from './model-figures.tsx';

/** Everything on record about a model: what it is for comes first, hashes last. */
export function ModelCard({
  name,
  hash,
  onClose,
}: {
  readonly name: string;
  readonly hash: string | null;
  readonly onClose: () => void;
}) {
  const of = hash === null ? '' : `?hash=${hash}`;
  const model = useQuery({
    queryKey: ['model', name, hash],
    queryFn: () => get<ModelView>(`/api/models/${encodeURIComponent(name)}${of}`),
    staleTime: Infinity,
  });
  return (
    <>
      <div className="heading">
        <h2>
          {name} {model.data?.version}
        </h2>
        <button type="button" className="quiet" onClick={onClose}>
          Close
        </button>
      </div>
      {model.error && <Failure error={model.error} />}
      {model.data ? <Card card={model.data} /> : !model.error && <p className="empty">Loading…</p>}
    </>
  );
}

function Card({ card }: { readonly card: ModelView }) {
  const { network, download } = card;
  const facts: readonly (readonly [string, ReactNode])[] = [
    ['Licence', card.licence],
    ['Accepts', card.sequences.map(words).join(', ') || 'any sequence'],
    ...card.facts.map(({ name, value }) => [sentence(name), value] as const),
    [
      'Network',
      `${network.kind}, ${network.configuration}, ${network.spacing.map((mm) => Number(mm.toFixed(2))).join(' × ')} mm`,
    ],
    [
      'Patch',
      `${network.patch.join(' × ')} voxels, ${network.mirrorAxes.length > 0 ? 'mirrored' : 'not mirrored'}`,
    ],
    ['Trainer', card.trainer],
    ['Dataset', card.dataset ?? 'not stated'],
    ...(card.weightsVersion === null ? [] : [['Weights version', card.weightsVersion] as const]),
    ...(download === null
      ? []
      : [['Downloaded', `${moment(download.at)} from ${download.address}`] as const]),
  ];
  return (
    <>
      <p className="intended-use">{card.intendedUse}</p>
      <dl className="facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <h3>How well it does</h3>
      <ModelFigures figures={card.figures} />
      <h3>Structures ({card.structures.length})</h3>
      <p>{card.structures.map(words).join(', ')}</p>
      <details>
        <summary>Files and hashes</summary>
        <Files card={card} />
      </details>
    </>
  );
}

function Files({ card }: { readonly card: ModelView }) {
  const rows = [
    ...card.folds.map(({ fold, ...file }) => ({ ...file, what: `fold ${fold}` })),
    ...card.sources.map((file) => ({ ...file, what: 'made from' })),
    ...(card.download === null
      ? []
      : [{ ...card.download, file: card.download.address, what: 'downloaded' }]),
  ];
  return (
    <div className="scroll" role="region" aria-label="Files of the model" tabIndex={0}>
      <table className="files">
        <thead>
          <tr>
            <th scope="col">What</th>
            <th scope="col">File</th>
            <th scope="col">Size</th>
            <th scope="col">SHA-256</th>
          </tr>
        </thead>
        <tbody>
          <tr>
            <td>model</td>
            <td className="muted">all files and the card</td>
            <td />
            <td>
              <code>{card.hash}</code>
            </td>
          </tr>
          {rows.map((row) => (
            <tr key={`${row.what} ${row.file}`}>
              <td>{row.what}</td>
              <td>{row.file}</td>
              <td className="number">{bytes(row.bytes)}</td>
              <td>
                <code>{row.sha256}</code>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function sentence(name: string): string {
  return name.charAt(0).toUpperCase() + words(name.slice(1));
}
