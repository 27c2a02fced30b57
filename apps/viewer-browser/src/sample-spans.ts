/** A span to be sent to a viewer, in few words. */
export interface SampleSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly service: string;
  /** As OTLP numbers them: 1 INTERNAL, 2 SERVER, 3 CLIENT, 4 PRODUCER, 5 CONSUMER. Default: 2. */
  readonly kind?: number;
  /** Milliseconds from a time that all samples share. */
  readonly start: number;
  /** Milliseconds. */
  readonly duration: number;
  /** Message of a failure. */
  readonly error?: string;
  readonly attributes?: Readonly<Record<string, string>>;
}

/** When the samples begin, in milliseconds since the Unix epoch. */
export const SAMPLE_START: number = Date.UTC(2026, 10, 25, 9, 30);

/** An id of 16 or 32 hex digits that is made of a number. */
export function sampleId(digits: 16 | 32, number: number): string {
  return number.toString(16).padStart(digits, '0');
}

/** Sends spans to the viewer at `url` as an SDK does: by OTLP/HTTP, in JSON. @throws Error where not all are taken. */
export async function sendSpans(url: string, spans: readonly SampleSpan[]): Promise<void> {
  const services = new Map<string, SampleSpan[]>();
  for (const span of spans) {
    const others = services.get(span.service);
    if (others) others.push(span);
    else services.set(span.service, [span]);
  }
  const resourceSpans = [...services].map(([service, ofService]) => ({
    resource: { attributes: pairs({ 'service.name': service }) },
    scopeSpans: [{ scope: { name: 'samples' }, spans: ofService.map(otlpSpan) }],
  }));
  await sendJson(url, '/v1/traces', { resourceSpans });
}

/** Sends OTLP JSON to the viewer at `url`. @throws Error where not all of it is taken. */
export async function sendJson(
  url: string,
  path: '/v1/traces' | '/v1/logs',
  body: string | object,
): Promise<void> {
  const response = await fetch(`${url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  const answer = await response.text();
  if (!response.ok || answer.includes('rejected')) throw new Error(`${response.status} ${answer}`);
}

function otlpSpan({ start, duration, error, attributes = {}, kind = 2, ...ids }: SampleSpan): object {
  const { traceId, spanId, parentSpanId, name } = ids;
  return {
    traceId,
    spanId,
    ...(parentSpanId !== undefined && { parentSpanId }),
    name,
    kind,
    startTimeUnixNano: nanos(start),
    endTimeUnixNano: nanos(start + duration),
    attributes: pairs(attributes),
    ...(error !== undefined && { status: { code: 2, message: error } }),
  };
}

function nanos(millis: number): string {
  return String(BigInt(Math.round((SAMPLE_START + millis) * 1000)) * 1000n);
}

function pairs(attributes: Readonly<Record<string, string>>): object[] {
  return Object.entries(attributes).map(([key, stringValue]) => ({ key, value: { stringValue } }));
}
