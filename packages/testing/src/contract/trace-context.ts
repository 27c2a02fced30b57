import { once } from 'node:events';
import { get, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';

import { context, propagation } from '@opentelemetry/api';
import { describe, expect, onTestFinished } from 'vitest';

import { REMOTE_SPAN_ID, REMOTE_TRACE_ID, send } from './client.ts';
import type { Route } from './harness.ts';
import type { Check, Trial } from './trial.ts';

type Headers = Readonly<Record<string, string | readonly string[]>>;

const IDS = `${REMOTE_TRACE_ID}-${REMOTE_SPAN_ID}`;
const SAMPLED = `00-${IDS}-01`;
const LONG = `a=${'v'.repeat(256)},b=${'v'.repeat(256)},c=${'v'.repeat(256)}`;

/** What a hop sends on: whose trace it is, its flags, and the other headers as they are. */
interface Sent {
  readonly trace: 'another' | 'no' | 'the caller’s' | `invalid: ${string}`;
  readonly flags?: string;
  readonly tracestate?: string;
  readonly baggage?: string;
}

const goesOn = (flags: string, others: Omit<Sent, 'flags' | 'trace'> = {}): Sent => ({
  trace: 'the caller’s',
  flags,
  ...others,
});
/** Its id is random, and says so. */
const beginsAnew: Sent = { trace: 'another', flags: '03' };

const members = (count: number): string =>
  Array.from({ length: count }, (_none, index) => `k${index}=${index}`).join(',');

const TRACEPARENTS: readonly (readonly [traceparent: string | readonly string[], Sent])[] = [
  [`00-${IDS}-00`, goesOn('00', { tracestate: 'a=1' })],
  [SAMPLED, goesOn('01', { tracestate: 'a=1' })],
  [`00-${IDS}-02`, goesOn('02', { tracestate: 'a=1' })],
  [`00-${IDS}-03`, goesOn('03', { tracestate: 'a=1' })],
  [`00-${IDS}-fc`, goesOn('00', { tracestate: 'a=1' })],
  [`00-${IDS}-ff`, goesOn('03', { tracestate: 'a=1' })],
  [`cc-${IDS}-01`, goesOn('01', { tracestate: 'a=1' })],
  [`cc-${IDS}-02-what-the-future-will-be-like`, goesOn('02', { tracestate: 'a=1' })],
  [`cc-${IDS}-01.what-the-future-will-be-like`, beginsAnew],
  [`ff-${IDS}-01`, beginsAnew],
  [`${SAMPLED}-more`, beginsAnew],
  [`${SAMPLED}.`, beginsAnew],
  [[SAMPLED, SAMPLED], beginsAnew],
  [[SAMPLED, `00-${'1'.repeat(32)}-${REMOTE_SPAN_ID}-01`], beginsAnew],
  ['', beginsAnew],
  ['nonsense', beginsAnew],
  ['x'.repeat(8000), beginsAnew],
  [SAMPLED.toUpperCase(), beginsAnew],
  [`00-${IDS.toUpperCase()}-01`, beginsAnew],
  [`00-${'0'.repeat(32)}-${REMOTE_SPAN_ID}-01`, beginsAnew],
  [`00-${REMOTE_TRACE_ID}-${'0'.repeat(16)}-01`, beginsAnew],
  [`00-${REMOTE_TRACE_ID}f-${REMOTE_SPAN_ID}-01`, beginsAnew],
  [`00-${REMOTE_TRACE_ID}-${REMOTE_SPAN_ID}f-01`, beginsAnew],
  [`00-${IDS}-1`, beginsAnew],
  [`00-${IDS}-001`, beginsAnew],
  [`00-${IDS}-.1`, beginsAnew],
];

const TRACESTATES: readonly (readonly [
  tracestate: string | readonly string[],
  expected: string | undefined,
])[] = [
  ['z=1,a=2', 'z=1,a=2'],
  [['a=1,b=2', 'c=3', '', 'd=4'], 'a=1,b=2,c=3,d=4'],
  ['a=1 , \tb=2 ,, c= 3', 'a=1,b=2,c= 3'],
  ['1a@b@c=~!<>', '1a@b@c=~!<>'],
  [members(32), members(32)],
  [LONG, LONG],
  ['', undefined],
  [',', undefined],
  [members(33), undefined],
  [[members(32), 'z=1'], undefined],
  ['a=1,b=2,a=3', undefined],
  [['a=1', 'a=1'], undefined],
  ['a=1,B=2', undefined],
  ['a=1,b =2', undefined],
  ['a=1,b.c=2', undefined],
  ['a=1,b', undefined],
  ['a=1,b=', undefined],
  ['a=1,b=2=3', undefined],
  ['a=1,b=ü', undefined],
  [`a=1,${'k'.repeat(257)}=2`, undefined],
  [`a=1,b=${'v'.repeat(257)}`, undefined],
];

const BAGGAGES: readonly (readonly [baggage: string | readonly string[], expected: string | undefined])[] = [
  ['user=alice,node=DF%2028', 'user=alice,node=DF%2028'],
  [['a=1', 'b=2;p;q=r'], 'a=1,b=2;p;q=r'],
  ['a = 1 ; p = q , b = ', 'a=1;p=q,b='],
  ['a=b=c', 'a=b=c'],
  ['a=%FF,b=%C3%BC', 'a=%EF%BF%BD,b=%C3%BC'],
  ['a=1,not valid=2,b=3', 'a=1,b=3'],
  ['a=1,a=2', 'a=2'],
  [members(64), members(64)],
  ['', undefined],
  ['nonsense', undefined],
];

/** Starts a server that calls the next hop by `fetch` and by `node:http`, and tells what either sent. */
async function startHop(
  trial: Trial,
): Promise<{ sentFor(headers: Headers, path?: string): Promise<Sent[]> }> {
  const next = await trial.startNextHop();
  const callNext = async (): Promise<{ body: string }> => {
    await (await fetch(next.url)).text();
    const [answer] = (await once(get(next.url), 'response')) as [IncomingMessage];
    answer.resume();
    await once(answer, 'end');
    return { body: 'done' };
  };
  const routes: Route[] = ['/', '/health'].map((path) => ({ method: 'GET', path, handler: callNext }));
  const { url } = await trial.start({ routes });
  let seen = 0;
  return {
    async sentFor(headers, path = '/') {
      expect((await send(`${url}${path}`, { headers })).status).toBe(200);
      const received = next.headers.slice(seen);
      seen = next.headers.length;
      return received.map(describeHeaders);
    },
  };
}

function describeHeaders({ traceparent, tracestate, baggage }: IncomingHttpHeaders): Sent {
  return {
    ...describeTraceparent(traceparent),
    ...(tracestate !== undefined && { tracestate: String(tracestate) }),
    ...(baggage !== undefined && { baggage: String(baggage) }),
  };
}

function describeTraceparent(header: string | string[] | undefined): Sent {
  if (header === undefined) return { trace: 'no' };
  const match = /^00-(?!0{32})([\da-f]{32})-(?!0{16})([\da-f]{16})-(0[0-3])$/.exec(String(header));
  const [, traceId, spanId, flags = ''] = match ?? [];
  // The span that the next hop has for a parent is one of this service.
  if (traceId === undefined || spanId === REMOTE_SPAN_ID) return { trace: `invalid: ${String(header)}` };
  return { trace: traceId === REMOTE_TRACE_ID ? 'the caller’s' : 'another', flags };
}

const twice = (sent: Sent): Sent[] => [sent, sent];

/** W3C Trace Context Level 2 and W3C Baggage, through the service to the next by either way of calling. */
export function traceContextTests(check: Check): void {
  describe('W3C Trace Context and Baggage', () => {
    check('traceparent is read strictly, and never written wrong', async (trial) => {
      const { sentFor } = await startHop(trial);
      for (const [traceparent, expected] of TRACEPARENTS) {
        const sent = await sentFor({ traceparent, tracestate: 'a=1' });
        expect([traceparent, ...sent]).toEqual([traceparent, ...twice(expected)]);
      }
    });

    check('tracestate is kept in its order, or dropped as a whole', async (trial) => {
      const { sentFor } = await startHop(trial);
      for (const traceparent of [SAMPLED, `00-${IDS}-00`]) {
        for (const [tracestate, expected] of TRACESTATES) {
          const sent = await sentFor({ traceparent, tracestate });
          const others = expected === undefined ? {} : { tracestate: expected };
          expect([tracestate, ...sent]).toEqual([
            tracestate,
            ...twice(goesOn(traceparent.slice(-2), others)),
          ]);
        }
      }
    });

    check('baggage goes on, with a trace or without, but for members that are not valid', async (trial) => {
      const { sentFor } = await startHop(trial);
      for (const [baggage, expected] of BAGGAGES) {
        const others = expected === undefined ? {} : { baggage: expected };
        expect([baggage, ...(await sentFor({ baggage }))]).toEqual([
          baggage,
          ...twice({ ...beginsAnew, ...others }),
        ]);
        expect(await sentFor({ baggage, traceparent: SAMPLED })).toEqual(twice(goesOn('01', others)));
      }
    });

    check('the next hop has the CLIENT span for its parent', async (trial) => {
      const { sentFor } = await startHop(trial);
      await sentFor({ TraceParent: `00-${IDS}-03`, TRACESTATE: 'a=1' });
      await trial.spans.settled();
      expect(trial.spans.spans).toMatchTraceTree({
        kind: 'SERVER',
        name: 'GET /',
        children: [
          { kind: 'CLIENT', name: 'GET' },
          { kind: 'CLIENT', name: 'GET' },
        ],
      });
      expect(trial.spans.spans.map(({ traceId }) => traceId)).toEqual(Array(3).fill(REMOTE_TRACE_ID));
    });

    check('no caller, or one with tracestate alone: the trace begins here', async (trial) => {
      const { sentFor } = await startHop(trial);
      expect(await sentFor({})).toEqual(twice(beginsAnew));
      expect(await sentFor({ tracestate: 'a=1' })).toEqual(twice(beginsAnew));
    });

    check(
      'a service that records nothing says so, and passes the rest on',
      async (trial) => {
        setVariable('OTEL_TRACES_SAMPLER', 'always_off');
        trial.initTracing();
        const { sentFor } = await startHop(trial);
        expect(await sentFor({})).toEqual(twice({ trace: 'another', flags: '02' }));
        expect(await sentFor({ traceparent: `00-${IDS}-03`, tracestate: 'a=1' })).toEqual(
          twice(goesOn('02', { tracestate: 'a=1' })),
        );
        expect(await sentFor({ traceparent: SAMPLED })).toEqual(twice(goesOn('00')));
      },
      { tracing: false },
    );

    check('an excluded request sends none of it (X4)', async (trial) => {
      const { sentFor } = await startHop(trial);
      const headers = { traceparent: SAMPLED, tracestate: 'a=1', baggage: 'b=2' };
      expect(await sentFor(headers, '/health')).toEqual(twice({ trace: 'no' }));
    });

    check(
      'where the SDK is disabled what the application sends on itself is what came',
      async (trial) => {
        setVariable('OTEL_SDK_DISABLED', 'true');
        trial.initTracing();
        let sent: Record<string, string> = {};
        const handler = (): { body: string } => {
          sent = {};
          propagation.inject(context.active(), sent);
          return { body: 'done' };
        };
        const { url } = await trial.start({ routes: [{ method: 'GET', path: '/', handler }] });
        await send(url, {
          headers: { traceparent: `00-${IDS}-fe`, tracestate: ['b=2', 'a=1'], baggage: 'x = 1' },
        });
        expect(sent).toEqual({ traceparent: `00-${IDS}-02`, tracestate: 'b=2,a=1', baggage: 'x=1' });
        await send(url, { headers: { traceparent: [SAMPLED, SAMPLED], tracestate: 'a=1' } });
        expect(sent).toEqual({});
      },
      { tracing: false },
    );
  });
}

function setVariable(name: string, value: string): void {
  process.env[name] = value;
  onTestFinished(() => {
    delete process.env[name];
  });
}
