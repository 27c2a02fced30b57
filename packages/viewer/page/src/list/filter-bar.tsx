import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';

import type { Facets } from '../../../src/api.ts';
import { ask } from '../ask.ts';
import { useKeys } from '../keys.ts';
import { live } from '../live.ts';
import { filterCount, type Filters, SORTS } from '../query-url.ts';
import { Refresher } from '../refresher.ts';
import { slotOf } from '../service-chip.tsx';
import { cut } from '../format.ts';

const NOTHING: Facets = { services: [], routes: [], statuses: [], attributeKeys: [] };
const TYPING_MS = 250;

interface Props {
  readonly filters: Filters;
  readonly change: (changed: Partial<Filters>) => void;
  readonly clear: () => void;
}

/** The filters of the list, with what the store has to choose from. */
export function FilterBar({ filters, change, clear }: Props): JSX.Element {
  const facets = useFacets();
  const search = useRef<HTMLInputElement>(null);
  const count = filterCount({ ...filters, text: '' });
  const [open, setOpen] = useState(count > 0);
  useKeys({ '/': () => search.current?.focus() });
  const services = [...new Set([...facets.services, filters.service])].filter(Boolean);

  return (
    <form class="filters" role="search" aria-label="Traces" onSubmit={(event) => event.preventDefault()}>
      <div class="filters-first">
        <TextField
          label="Search"
          type="search"
          class="wide"
          inputRef={search}
          placeholder="Name, attribute, error, log line or trace id"
          value={filters.text}
          onValue={(text) => change({ text })}
        />
        <button
          type="button"
          class="filters-open"
          aria-expanded={open}
          aria-controls="more-filters"
          onClick={() => setOpen(!open)}
        >
          Filters{count > 0 ? ` (${count})` : ''}
        </button>
        {(count > 0 || filters.text !== '') && (
          <button type="button" onClick={clear}>
            Clear
          </button>
        )}
      </div>
      <div class={open ? 'filters-more open' : 'filters-more'} id="more-filters">
        <Field label="Service">
          {(id) => (
            <select
              id={id}
              value={filters.service}
              onChange={(event) => change({ service: event.currentTarget.value })}
            >
              <option value="">All</option>
              {services.map((service) => (
                <option key={service} value={service}>
                  {cut(service, 60)}
                </option>
              ))}
            </select>
          )}
        </Field>
        <TextField
          label="Route"
          value={filters.route}
          options={facets.routes}
          placeholder="/orders/:id"
          onValue={(route) => change({ route })}
        />
        <TextField
          label="Status"
          class="short"
          value={filters.status}
          options={['2xx', '3xx', '4xx', '5xx', ...facets.statuses.map(String)]}
          placeholder="5xx"
          onValue={(status) => change({ status })}
        />
        <Field label="Errors">
          {(id) => (
            <select
              id={id}
              value={filters.error}
              onChange={(event) => {
                const { value } = event.currentTarget;
                change({ error: value === 'true' || value === 'false' ? value : '' });
              }}
            >
              <option value="">With or without</option>
              <option value="true">With errors</option>
              <option value="false">Without</option>
            </select>
          )}
        </Field>
        <TextField
          label="From ms"
          class="short"
          type="number"
          value={filters.minMs}
          onValue={(minMs) => change({ minMs })}
        />
        <TextField
          label="To ms"
          class="short"
          type="number"
          value={filters.maxMs}
          onValue={(maxMs) => change({ maxMs })}
        />
        <TextField
          label="Request id"
          value={filters.requestId}
          onValue={(requestId) => change({ requestId })}
        />
        <AttributeField keys={facets.attributeKeys} attributes={filters.attributes} change={change} />
        <Field label="Sort">
          {(id) => (
            <select
              id={id}
              value={filters.sort}
              onChange={(event) => {
                const sort = SORTS.find((one) => one === event.currentTarget.value);
                if (sort !== undefined) change({ sort });
              }}
            >
              <option value="newest">Newest first</option>
              <option value="oldest">Oldest first</option>
              <option value="longest">Longest first</option>
              <option value="shortest">Shortest first</option>
              <option value="spans">Most spans first</option>
              <option value="errors">Most errors first</option>
            </select>
          )}
        </Field>
      </div>
    </form>
  );
}

/** Several attributes: each added one is a button that takes it away. */
function AttributeField({
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
function TextField({
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

function Field({
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

/** What the store has to choose from, asked for anew as the store changes. */
function useFacets(): Facets {
  const [facets, setFacets] = useState(NOTHING);
  useEffect(() => {
    const abort = new AbortController();
    const refresher = new Refresher(async () => {
      try {
        const answer = await ask<Facets>('/api/facets', { signal: abort.signal });
        // In the order of their names, so that the same services get the same colours everywhere.
        for (const service of answer.services) slotOf(service);
        setFacets(answer);
      } catch {
        // The list itself says what is wrong; fields can be filled in without.
      }
    }, FACETS_REST_MS);
    refresher.ask();
    const stop = live.onHeard(() => refresher.ask());
    return () => {
      abort.abort();
      refresher.stop();
      stop();
    };
  }, []);
  return facets;
}

const FACETS_REST_MS = 2000;
