import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

import { KEYS, setSingleKeys, singleKeys } from './keys.ts';

/** The keys that the page knows, and the switch for those of one character. */
export function KeysDialog({
  open,
  onClose,
}: {
  readonly open: boolean;
  readonly onClose: () => void;
}): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  const [single, setSingle] = useState(singleKeys);
  useEffect(() => {
    if (open) dialog.current?.showModal();
    else dialog.current?.close();
  }, [open]);
  const places = [...new Set(KEYS.map(({ where }) => where))];
  return (
    <dialog ref={dialog} aria-labelledby="keys-title" onClose={onClose}>
      <h2 id="keys-title">Keyboard shortcuts</h2>
      {places.map((place) => (
        <section key={place}>
          <h3>{place}</h3>
          <dl class="keys">
            {KEYS.filter(({ where }) => where === place).map(({ keys, does }) => (
              <div key={keys}>
                <dt>
                  {keys
                    .split(' ')
                    .filter(Boolean)
                    .map((key) => (
                      <kbd key={key}>{key}</kbd>
                    ))}
                </dt>
                <dd>{does}</dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
      <label class="check">
        <input
          type="checkbox"
          checked={single}
          onChange={(event) => {
            setSingle(event.currentTarget.checked);
            setSingleKeys(event.currentTarget.checked);
          }}
        />
        Keys of one character
      </label>
      <p>
        <button type="button" onClick={onClose}>
          Close
        </button>
      </p>
    </dialog>
  );
}
