/** What an address shows. */
export type Route =
  | { readonly page: 'list' }
  | { readonly page: 'map' }
  | { readonly page: 'trace'; readonly traceId: string; readonly spanId: string; readonly view: TraceView }
  | { readonly page: 'unknown' };

export type TraceView = 'timeline' | 'logs';

/** The route of a path and its query. */
export function routeOf(path: string, search: string): Route {
  const parts = path.split('/').filter(Boolean);
  if (parts.length === 0) return { page: 'list' };
  if (parts.length === 1 && parts[0] === 'map') return { page: 'map' };
  if (parts.length === 2 && parts[0] === 'trace' && parts[1] !== undefined) {
    const query = new URLSearchParams(search);
    return {
      page: 'trace',
      // As the server writes them: ids pasted from elsewhere may be upper-case.
      traceId: parts[1].toLowerCase(),
      spanId: query.get('span')?.toLowerCase() ?? '',
      view: query.get('view') === 'logs' ? 'logs' : 'timeline',
    };
  }
  return { page: 'unknown' };
}

/** The address of a trace, or of one of its spans. */
export function traceHref(traceId: string, spanId: string = '', view: TraceView = 'timeline'): string {
  const query = new URLSearchParams();
  if (spanId !== '') query.set('span', spanId);
  if (view !== 'timeline') query.set('view', view);
  const search = query.toString();
  return `/trace/${encodeURIComponent(traceId)}${search === '' ? '' : `?${search}`}`;
}
