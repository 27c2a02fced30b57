import type { TraceQuery, TraceSort } from '../../src/api.ts';

/** The filters of the list as its controls hold them: empty text lets everything pass. */
export interface Filters {
  readonly service: string;
  readonly route: string;
  readonly status: string;
  readonly minMs: string;
  readonly maxMs: string;
  readonly error: '' | 'true' | 'false';
  readonly requestId: string;
  readonly attributes: readonly string[];
  readonly text: string;
  readonly sort: TraceSort;
  readonly limit: number;
}

export const SORTS: readonly TraceSort[] = ['newest', 'oldest', 'longest', 'shortest', 'spans', 'errors'];

/** How many rows are asked for: the first by default, the next by "Show more". */
export const LIMITS: readonly number[] = [200, 500, 1000];

export const NO_FILTERS: Filters = {
  service: '',
  route: '',
  status: '',
  minMs: '',
  maxMs: '',
  error: '',
  requestId: '',
  attributes: [],
  text: '',
  sort: 'newest',
  limit: 200,
};

const TEXTS = [
  'service',
  'route',
  'status',
  'minMs',
  'maxMs',
  'requestId',
  'text',
] as const satisfies readonly (keyof TraceQuery)[];

/** The filters that a query says; what it says wrongly counts as unsaid. */
export function filtersOf(search: string): Filters {
  const query = new URLSearchParams(search);
  const text = (name: keyof TraceQuery): string => query.get(name)?.trim() ?? '';
  const error = text('error');
  const limit = Number(text('limit'));
  return {
    ...NO_FILTERS,
    ...Object.fromEntries(TEXTS.map((name) => [name, text(name)])),
    error: error === 'true' || error === 'false' ? error : '',
    attributes: [...new Set(query.getAll('attribute').map((value) => value.trim()))].filter(Boolean),
    sort: SORTS.find((sort) => sort === text('sort')) ?? 'newest',
    limit: LIMITS.includes(limit) ? limit : NO_FILTERS.limit,
  };
}

/** The query of filters, for the page's address and the server alike: `?service=shop`; empty where none is set. */
export function searchOf(filters: Filters): string {
  const query = new URLSearchParams();
  for (const name of TEXTS) if (filters[name] !== '') query.set(name, filters[name]);
  if (filters.error !== '') query.set('error', filters.error);
  for (const attribute of filters.attributes) query.append('attribute', attribute);
  if (filters.sort !== NO_FILTERS.sort) query.set('sort', filters.sort);
  if (filters.limit !== NO_FILTERS.limit) query.set('limit', String(filters.limit));
  const search = query.toString();
  return search === '' ? '' : `?${search}`;
}

/** How many filters narrow the list; sorting does not. */
export function filterCount(filters: Filters): number {
  const texts = TEXTS.filter((name) => filters[name] !== '').length;
  return texts + (filters.error === '' ? 0 : 1) + filters.attributes.length;
}

/** The address of the list with some filters. */
export function listHref(filters: Partial<Filters>): string {
  return `/${searchOf({ ...NO_FILTERS, ...filters })}`;
}
