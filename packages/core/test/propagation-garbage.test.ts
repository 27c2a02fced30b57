import { propagation, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { expect, test } from 'vitest';

import { started } from './support/started.ts';

/** The same numbers at each run: a failure can be repeated. Mulberry32. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const VALID = {
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-03',
  tracestate: 'rojo=00f067aa0ba902b7,congo=t61rcWkgMzE,t@v=  x',
  baggage: 'user=alice;p=1;q,node=DF%2028, c = =',
} as const;

type Name = keyof typeof VALID;

const PIECES: readonly string[] = [
  ['', ' ', '\t', '\n', '\r\n', '\0', '\u007f', 'ü', '😀', '\ud83d', 'x'.repeat(300)],
  [',', ';', '=', '-', '@', '%', '%zz', '%FF', '%C3%BC', '"', '\\'],
  ['A', 'f', '0', 'ff', 'cc', 'a=1', '__proto__=1'],
].flat();

/** A valid header, with pieces of others and of nonsense put in, taken out or repeated. */
function garble(header: string, next: (below: number) => number): string {
  let text = header;
  for (let changes = next(5); changes > 0; changes--) {
    const at = next(text.length + 1);
    const piece = PIECES[next(PIECES.length)] ?? '';
    text = text.slice(0, at) + piece.repeat(1 + next(3)) + text.slice(at + next(4));
  }
  return next(20) === 0 ? `${text},`.repeat(next(40)) : text;
}

/** As the specifications write it, in expressions that are slow and plain. */
const TRACEPARENT = /^00-(?!0{32})[\da-f]{32}-(?!0{16})[\da-f]{16}-0[0-3]$/;
const MEMBER = /^[a-z\d][a-z\d_\-*/@]{0,255}=[ -+\--<>-~]{0,255}[!-+\--<>-~]$/;
const TOKEN = String.raw`[!#$%&'*+\-.^_\`|~\dA-Za-z]+`;
const VALUE = String.raw`[!#-+\--:<-[\]-~]*`;
const BAGGAGE = new RegExp(`^${TOKEN}=${VALUE}(;${TOKEN}(=${VALUE})?)*$`);

function wrong(headers: Readonly<Record<string, string>>): string[] {
  const { traceparent, tracestate, baggage, ...others } = headers;
  const faults = Object.keys(others);
  if (traceparent !== undefined && !TRACEPARENT.test(traceparent)) faults.push('traceparent');
  if (tracestate !== undefined) {
    const members = tracestate.split(',');
    const keys = members.map((member) => member.split('=')[0]);
    const fits = members.length <= 32 && new Set(keys).size === keys.length;
    if (!fits || !members.every((member) => MEMBER.test(member))) faults.push('tracestate');
    if (traceparent === undefined) faults.push('tracestate without traceparent');
  }
  if (baggage !== undefined) {
    const members = baggage.split(',');
    const fits = members.length <= 180 && baggage.length <= 8192;
    if (!fits || !members.every((member) => BAGGAGE.test(member))) faults.push('baggage');
  }
  return faults;
}

test('whatever comes in, what goes out is valid', () => {
  const { tracer } = started({ exporter: 'none' });
  const next = numbers(20_261_122);
  const outcomes = { traceparent: 0, tracestate: 0, baggage: 0 };
  for (let round = 0; round < 20_000; round++) {
    const incoming = Object.fromEntries(
      (Object.keys(VALID) as Name[]).map((name) => {
        const header = next(2) === 0 ? VALID[name] : garble(VALID[name], next);
        return [name, next(10) === 0 ? [header, garble(VALID[name], next)] : header];
      }),
    );
    const caller = propagation.extract(ROOT_CONTEXT, incoming);
    const passed: Record<string, string> = {};
    propagation.inject(caller, passed);
    const sent: Record<string, string> = {};
    propagation.inject(trace.setSpan(caller, tracer.startSpan('server', {}, caller)), sent);
    expect({ incoming, passed: wrong(passed), sent: wrong(sent) }).toEqual({
      incoming,
      passed: [],
      sent: [],
    });
    expect(sent).toHaveProperty('traceparent');
    for (const name of Object.keys(VALID) as Name[]) if (passed[name] !== undefined) outcomes[name]++;
  }
  // Both ways have been gone often: kept and dropped.
  for (const count of Object.values(outcomes)) {
    expect(count).toBeGreaterThan(2000);
    expect(count).toBeLessThan(19_900);
  }
});
