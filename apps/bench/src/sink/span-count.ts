import { createRequire } from 'node:module';
import { gunzipSync } from 'node:zlib';

/** What was sent to the sink in one request. */
export interface Delivery {
  readonly path: string;
  readonly isPacked: boolean;
  readonly body: Buffer;
}

/**
 * How many spans a tracer has sent, of those that its backend would keep.
 *
 * @param modules Folder whose modules include `@msgpack/msgpack`, for Datadog's.
 */
export function countSpans({ path, isPacked, body }: Delivery, modules: string): number {
  const unpacked = isPacked ? gunzipSync(body) : body;
  if (path === '/v1/traces') return countOtlp(unpacked);
  if (path === '/v0.4/traces') return countDatadog(unpacked, modules);
  if (path.includes('/envelope')) return countSentry(unpacked.toString());
  return 0;
}

/** `ExportTraceServiceRequest`: of its ResourceSpans (1) the ScopeSpans (2), of these the spans (2). */
function countOtlp(body: Buffer): number {
  let count = 0;
  for (const resourceSpans of fields(body, 1)) {
    for (const scopeSpans of fields(resourceSpans, 2)) count += [...fields(scopeSpans, 2)].length;
  }
  return count;
}

/** Values of a field that has a length, in a message of Protocol Buffers; the others are passed over. */
function* fields(message: Buffer, wanted: number): Generator<Buffer> {
  let at = 0;
  function varint(): number {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = message[at++] ?? 0;
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  }
  while (at < message.length) {
    const tag = varint();
    const wire = tag & 7;
    if (wire === 0) varint();
    else if (wire === 1) at += 8;
    else if (wire === 5) at += 4;
    else {
      const length = varint();
      if (tag >> 3 === wanted) yield message.subarray(at, at + length);
      at += length;
    }
  }
}

interface DatadogSpan {
  readonly metrics?: Readonly<Record<string, number>>;
}

/** A list of traces, each a list of spans. One whose priority says "drop" is thrown away by the agent. */
function countDatadog(body: Buffer, modules: string): number {
  const { decode } = createRequire(`${modules}/package.json`)('@msgpack/msgpack') as {
    decode(bytes: Uint8Array, options: object): unknown;
  };
  const traces = decode(body, { useBigInt64: true }) as DatadogSpan[][];
  const isKept = (trace: DatadogSpan[]): boolean =>
    trace.every(({ metrics }) => (metrics?.['_sampling_priority_v1'] ?? 1) > 0);
  return traces.filter(isKept).reduce((sum, trace) => sum + trace.length, 0);
}

/** Lines of JSON: a head, then items, each a head and a payload. A transaction is a span with those below it. */
function countSentry(envelope: string): number {
  const lines = envelope.split('\n');
  let count = 0;
  for (let at = 1; at + 1 < lines.length; at += 2) {
    const { type, item_count: items } = JSON.parse(lines[at] || '{}') as {
      type?: string;
      item_count?: number;
    };
    if (type === 'span') count += items ?? 1;
    if (type !== 'transaction') continue;
    const { spans } = JSON.parse(lines[at + 1] ?? '{}') as { spans?: readonly unknown[] };
    count += 1 + (spans?.length ?? 0);
  }
  return count;
}
