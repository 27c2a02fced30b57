import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';

import { cut } from '../format.ts';
import type { Filters } from '../query-url.ts';

const TYPING_MS = 250;

/** Several attributes: each added one is a button that takes it away. */
export function AttributeField({
  keys,
  attributes,
  change,
}: {
  readonly keys: readonly string[];
  readonly attributes: readonly string[];
  readonly change: (changed: Partial<Filters>) => void;
}): JSX.Element {
  const [text, setText] = useState('');
  const list = useId();
  const add = (): void => {
    const attribute = text.trim();
    if (attribute === '') return;
    setText('');
    change({ attributes: [...new Set([...attributes, attribute])] });
  };
  return (
    <>
      <Field label="Attribute">
        {(id) => (
          <span class="with-button">
            <input
              id={id}
              type="text"
              list={list}
              placeholder="key=value, or key"
              value={text}
              onInput={(event) => setText(event.currentTarget.value)}
              onKeyDown={(event) => {
                if (event.key === 'Enter') add();
              }}
            />
            <button type="button" onClick={add}>
              Add
            </button>
            <Options id={list} values={keys} />
          </span>
        )}
      </Field>
      {attributes.length > 0 && (
        <ul class="added" aria-label="Attributes that are asked for">
          {attributes.map((attribute) => (
            <li key={attribute}>
              <button
                type="button"
                aria-label={`Remove ${attribute}`}
                onClick={() => change({ attributes: attributes.filter((one) => one !== attribute) })}
              >
                <bdi>{cut(attribute, 60)}</bdi> <span aria-hidden="true">×</span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

interface TextProps {
  readonly label: string;
  readonly value: string;
  readonly onValue: (value: string) => void;
  readonly type?: 'text' | 'search' | 'number';
  readonly class?: string;
  readonly placeholder?: string;
  readonly options?: readonly string[];
  readonly inputRef?: { current: HTMLInputElement | null };
}

/** A field whose text counts once it has not been typed in for a moment, or with Enter. */
export function TextField({
  label,
  value,
  onValue,
  type = 'text',
  class: name = '',
  placeholder,
  options,
  inputRef,
}: TextProps): JSX.Element {
  const [typed, setTyped] = useState(value);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const list = useId();
  // The address may change by itself: "back", or "Clear".
  useEffect(() => setTyped(value), [value]);
  useEffect(() => () => clearTimeout(timer.current), []);
  const latest = useRef(onValue);
  latest.current = onValue;
  const tell = (text: string): void => {
    clearTimeout(timer.current);
    if (text.trim() !== value) latest.current(text.trim());
  };
  return (
    <Field label={label} class={name}>
      {(id) => (
        <>
          <input
            id={id}
            ref={inputRef ?? null}
            type={type}
            min={type === 'number' ? 0 : undefined}
            step={type === 'number' ? 'any' : undefined}
            autocomplete="off"
            spellcheck={false}
            placeholder={placeholder}
            list={options === undefined ? undefined : list}
            value={typed}
            onInput={(event) => {
              const text = event.currentTarget.value;
              setTyped(text);
              clearTimeout(timer.current);
              timer.current = setTimeout(() => latest.current(text.trim()), TYPING_MS);
            }}
            onChange={(event) => tell(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key === 'Enter') tell(event.currentTarget.value);
              if (event.key === 'Escape') event.currentTarget.blur();
            }}
          />
          {options !== undefined && <Options id={list} values={options} />}
        </>
      )}
    </Field>
  );
}

function Options({ id, values }: { readonly id: string; readonly values: readonly string[] }): JSX.Element {
  return (
    <datalist id={id}>
      {values.map((value) => (
        <option key={value} value={value} />
      ))}
    </datalist>
  );
}

export function Field({
  label,
  class: name = '',
  children,
}: {
  readonly label: string;
  readonly class?: string;
  readonly children: (id: string) => ComponentChildren;
}): JSX.Element {
  const id = useId();
  return (
    <div class={`field ${name}`}>
      <label for={id}>{label}</label>
      {children(id)}
    </div>
  );
}
