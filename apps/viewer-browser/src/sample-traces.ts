import { sampleId, type SampleSpan } from './sample-spans.ts';

/** A shop that asks two services, one of which fails: the trace of this number. */
export function shopTrace(number: number, start: number = number * 1000): SampleSpan[] {
  const traceId = sampleId(32, number);
  const span = (
    id: number,
    parent: number,
    rest: Omit<SampleSpan, 'traceId' | 'spanId' | 'start'> & { at: number },
  ) => {
    const { at, ...others } = rest;
    return {
      traceId,
      spanId: sampleId(16, number * 100 + id),
      ...(parent > 0 && { parentSpanId: sampleId(16, number * 100 + parent) }),
      start: start + at,
      ...others,
    };
  };
  const http = (route: string, status: string): Readonly<Record<string, string>> => ({
    'http.request.method': 'GET',
    'http.route': route,
    'http.response.status_code': status,
  });
  return [
    span(1, 0, {
      name: 'GET /cart',
      service: 'shop',
      at: 0,
      duration: 120,
      attributes: http('/cart', '200'),
    }),
    span(2, 1, { name: 'GET', service: 'shop', kind: 3, at: 10, duration: 40 }),
    span(3, 2, {
      name: 'GET /prices/:id',
      service: 'prices',
      at: 15,
      duration: 30,
      attributes: http('/prices/:id', '200'),
    }),
    span(4, 1, {
      name: 'GET',
      service: 'shop',
      kind: 3,
      at: 60,
      duration: 50,
      error: 'the store-house answered 500',
    }),
    span(5, 4, {
      name: 'GET /stock/:id',
      service: 'store-house',
      at: 65,
      duration: 40,
      error: 'no such shelf',
    }),
  ];
}
