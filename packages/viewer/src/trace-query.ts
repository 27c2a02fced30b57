import type { TraceSort } from './api.ts';
import { RequestProblem } from './request-problem.ts';

/** The list's filters as they were meant; those that are absent let everything pass. */
export interface TraceFilters {
  readonly service?: string;
  readonly route?: string;
  /** `404`, or a class: `5xx`. */
  readonly status?: string;
  readonly minMs?: number;
  readonly maxMs?: number;
  readonly error?: boolean;
  readonly requestId?: string;
  readonly attributes: readonly { readonly key: string; readonly value?: string }[];
  readonly text?: string;
}

export interface ListRequest {
  readonly filters: TraceFilters;
  readonly sort: TraceSort;
  readonly limit: number;
}

const SORTS: readonly TraceSort[] = ['newest', 'oldest', 'longest', 'shortest', 'spans', 'errors'];
const NAMES = [
  'service',
  'route',
  'status',
  'minMs',
  'maxMs',
  'error',
  'requestId',
  'attribute',
  'text',
  'sort',
  'limit',
];
const LIMIT = 200;
const LIMIT_AT_MOST = 1000;

/** Reads the query of `/api/traces`; an empty value is as good as none. @throws RequestProblem (400) that names what is wrong. */
export function readListRequest(query: URLSearchParams): ListRequest {
  for (const name of new Set(query.keys())) {
    if (!NAMES.includes(name)) throw refusal(name, `one of the filters ${NAMES.join(', ')}`, 'it');
    if (name !== 'attribute' && query.getAll(name).length > 1) throw refusal(name, 'one value', 'several');
  }
  const service = given(query, 'service');
  const route = given(query, 'route');
  const status = given(query, 'status')?.toLowerCase();
  if (status !== undefined && !/^[1-5](?:\d\d|xx)$/.test(status)) {
    throw refusal('status', 'a status such as 404, or a class such as 5xx', status);
  }
  const minMs = milliseconds(query, 'minMs');
  const maxMs = milliseconds(query, 'maxMs');
  if (minMs !== undefined && maxMs !== undefined && minMs > maxMs) {
    throw refusal('maxMs', `at least the ${minMs} of minMs`, String(maxMs));
  }
  const error = given(query, 'error');
  if (error !== undefined && error !== 'true' && error !== 'false') {
    throw refusal('error', 'true or false', error);
  }
  const requestId = given(query, 'requestId');
  const text = given(query, 'text');
  return {
    filters: {
      ...(service !== undefined && { service }),
      ...(route !== undefined && { route }),
      ...(status !== undefined && { status }),
      ...(minMs !== undefined && { minMs }),
      ...(maxMs !== undefined && { maxMs }),
      ...(error !== undefined && { error: error === 'true' }),
      ...(requestId !== undefined && { requestId }),
      attributes: query.getAll('attribute').filter(Boolean).map(attributeFilter),
      ...(text !== undefined && { text }),
    },
    sort: sortOf(given(query, 'sort')),
    limit: limitOf(given(query, 'limit')),
  };
}

function given(query: URLSearchParams, name: string): string | undefined {
  return query.get(name) || undefined;
}

function milliseconds(query: URLSearchParams, name: string): number | undefined {
  const text = given(query, name);
  if (text === undefined) return undefined;
  if (!/^\d+(?:\.\d+)?$/.test(text)) throw refusal(name, 'a number of milliseconds, 0 or more', text);
  return Number(text);
}

function attributeFilter(text: string): { key: string; value?: string } {
  const at = text.indexOf('=');
  if (at === 0) throw refusal('attribute', 'key=value, or a key alone', text);
  return at < 0 ? { key: text } : { key: text.slice(0, at), value: text.slice(at + 1) };
}

function sortOf(text: string | undefined): TraceSort {
  if (text === undefined) return 'newest';
  const sort = SORTS.find((each) => each === text);
  if (!sort) throw refusal('sort', `one of ${SORTS.join(', ')}`, text);
  return sort;
}

function limitOf(text: string | undefined): number {
  if (text === undefined) return LIMIT;
  const limit = Number(text);
  if (!/^\d+$/.test(text) || limit < 1 || limit > LIMIT_AT_MOST) {
    throw refusal('limit', `a whole number from 1 to ${LIMIT_AT_MOST}`, text);
  }
  return limit;
}

function refusal(name: string, expected: string, got: string): RequestProblem {
  return new RequestProblem(400, `${name}: expected ${expected}, got ${got.slice(0, 200)}`);
}
