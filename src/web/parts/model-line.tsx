import { useRef, useState } from 'react';
import type { JobView } from '../../api/index.ts';
import { ModelCard } from './model-card.tsx';

/** Which model a job ran with and what it is for; its whole card on demand. */
export function ModelLine({
  model,
  weightsVerified,
}: {
  readonly model: JobView['model'];
  readonly weightsVerified: boolean | null;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [opened, setOpened] = useState(false);
  const title = `${model.name} ${model.version}`;
  const show = () => {
    setOpened(true);
    dialog.current?.showModal();
  };
  return (
    <div className="model-line">
      <p>
        Model <strong>{title}</strong>
        {model.licence !== null && ` · ${model.licence}`}
        {weightsVerified === false && (
          <span className="gate-warn"> · the server’s weights could not be verified</span>
        )}{' '}
        {model.licence !== null && (
          <button type="button" className="link" aria-haspopup="dialog" onClick={show}>
            About this model
          </button>
        )}
      </p>
      {model.intendedUse !== null && <p className="muted">{model.intendedUse}</p>}
      {/* A click on the backdrop, which is the dialog itself, closes it like Escape does. */}
      <dialog
        ref={dialog}
        className="model-card"
        aria-label={`Model card of ${title}`}
        onClick={(event) => {
          if (event.target === event.currentTarget) dialog.current?.close();
        }}
        onClose={() => setOpened(false)}
      >
        {opened && (
          <ModelCard name={model.name} hash={model.hash} onClose={() => dialog.current?.close()} />
        )}
      </dialog>
    </div>
  );
}
