import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';

import { cut } from '../format.ts';
import { useKeys } from '../keys.ts';
import { filterCount, type Filters, SORTS } from '../query-url.ts';
import { AttributeField, Field, TextField } from './filter-fields.tsx';
import { useFacets } from './use-facets.ts';

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
