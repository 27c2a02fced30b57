import type { TraceDetail } from '../../src/api.ts';

/** A span of a drawn trace: `[level, service, start, end]` in microseconds, in the order of the tree. */
export type DrawnSpan = readonly [
  level: number,
  service: string,
  startUs: number,
  endUs: number,
  more?: MoreOfSpan,
];

export interface MoreOfSpan {
  readonly kind?: number;
  readonly status?: number;
  readonly name?: string;
}

/** A trace as the server answers it, of spans that are drawn by their levels. */
export function makeTrace(drawn: readonly DrawnSpan[]): TraceDetail {
  const services = [...new Set(drawn.map(([, service]) => service))];
  const names = [...new Set(drawn.map(([, service, , , more]) => more?.name ?? `work of ${service}`))];
  const open: number[] = [];
  const parent = drawn.map(([level], index) => {
    open.length = level;
    open[level] = index;
    return level === 0 ? -1 : (open[level - 1] ?? -1);
  });
  const endUs = Math.max(0, ...drawn.map(([, , , end]) => end));
  return {
    summary: {
      traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
      name: names[0] ?? '',
      service: services[0] ?? '',
      startMs: 1_700_000_000_000,
      durationMs: endUs / 1000,
      spanCount: drawn.length,
      errorCount: 0,
      logCount: 0,
      services: services.map((name) => ({ name, spans: 1 })),
      whole: true,
      revision: 1,
    },
    startTimeUnixNano: '1700000000000000000',
    services,
    names,
    spans: {
      id: drawn.map((_, index) => (index + 1).toString(16).padStart(16, '0')),
      parent,
      service: drawn.map(([, service]) => services.indexOf(service)),
      name: drawn.map(([, service, , , more]) => names.indexOf(more?.name ?? `work of ${service}`)),
      kind: drawn.map(([, , , , more]) => more?.kind ?? 0),
      startUs: drawn.map(([, , start]) => start),
      durationUs: drawn.map(([, , start, end]) => end - start),
      status: drawn.map(([, , , , more]) => more?.status ?? 0),
      logs: drawn.map(() => 0),
      links: drawn.map(() => 0),
      orphan: drawn.map(() => 0),
    },
    related: [],
    looseLogs: [],
  };
}
