import { SpanKind } from '@opentelemetry/api';
import { buildTraceTree, type SpanRecord, type TraceTreeNode } from '@org/tracing-core';

import { checkedTrace } from './checked-trace.ts';
import { checkKeys, checkSpanIds, checkValue, namesOf } from './checked-options.ts';
import { TWICE } from './continuity-faults.ts';
import { named } from './trace-alignment.ts';
import { drawTraces } from './trace-drawing.ts';
import { type Fault, faultsMessage } from './trace-faults.ts';
import { walk } from './tree-walk.ts';
import type { Verdict } from './verdict.ts';

/** What `toHaveOneServerSpanPerHop` and `assertOneServerSpanPerHop` take for granted. */
export interface HopOptions {
  /**
   * Kind of the span that the trace begins with. Default: `SERVER`, a request. `INTERNAL` for a job, `CONSUMER` for a
   * message, `CLIENT` where the test itself makes the call and is traced.
   */
  readonly entry?: keyof typeof SpanKind;
  /**
   * Servers that make no spans, as calls name them in `server.address`, with the port or without: those of others, stubs
   * of a test, paths that are excluded.
   */
  readonly untraced?: readonly string[];
  /** Span ids, 16 lower-case hex digits each, of parents that report elsewhere, as a hand-made `traceparent` has. */
  readonly remoteParents?: readonly string[];
}

type Node = TraceTreeNode<SpanRecord>;

const NO_PLUGIN = 'a service whose calls are traced and whose requests are not: its plugin is not registered';
const NO_SET_UP =
  'a service without set-up, or spans that were not sent or were lost; name a server that is not to be traced in `untraced`';
const NO_ENTRY =
  'a service whose plugin is not registered, or a trace that is to begin otherwise (then say so in `entry`)';
const LOST_CALL =
  'spans of the caller that were not sent or were lost, or a caller that reports elsewhere (then name the parent in `remoteParents`)';
const TWO_ENTRIES =
  'two requests that carry one trace id, such as a `traceparent` that is used again, or a request whose caller is not here: a trace that is entered twice is not one request';
const TWO_INSTRUMENTATIONS =
  'two instrumentations of one server, such as a plugin and an agent: turn one of them off';
const TWO_SERVICES =
  'a service between them that hands the headers on and whose own calls are not traced, or a redirect that the client follows';

/**
 * Whether a trace is one request, and each of its hops has exactly one SERVER span: one entry, of the kind that is
 * expected, and each CLIENT span that is answered over HTTP or has spans of another service below it. What a message leads
 * to is no hop of the request.
 *
 * @throws {TypeError} For what is no trace, and for options that cannot be.
 */
export function hasOneServerSpanPerHop(received: readonly SpanRecord[], options: HopOptions = {}): Verdict {
  const spans = checkedTrace(received);
  checkOptions(options);
  const faults = [...twinFaults(spans), ...hopFaults(buildTraceTree(spans).roots, options)];
  return {
    holds: faults.length === 0,
    message: () =>
      faults.length === 0
        ? `expected a hop without a SERVER span, or with several\n\n${drawTraces(spans)}`
        : faultsMessage('expected one request with exactly one SERVER span for each hop', spans, faults),
  };
}

function checkOptions(options: HopOptions): void {
  const what = 'one SERVER span per hop';
  checkKeys(what, options, ['entry', 'untraced', 'remoteParents']);
  const { entry, untraced, remoteParents } = options;
  const kinds = namesOf(SpanKind);
  checkValue(`${what}: entry`, entry, kinds.includes(String(entry)), kinds.join(', '));
  const hosts = Array.isArray(untraced) && untraced.every((host) => typeof host === 'string');
  checkValue(`${what}: untraced`, untraced, hosts, 'names of hosts in an array');
  checkSpanIds(`${what}: remoteParents`, remoteParents);
}

/** A tree has one span of each id: of a SERVER span that is there twice, it shows no second. */
function twinFaults(spans: readonly SpanRecord[]): Fault[] {
  const first = new Map<string, SpanRecord>();
  return spans.flatMap((span) => {
    const twin = first.get(span.spanId);
    if (!twin) first.set(span.spanId, span);
    if (!twin || (span.kind !== SpanKind.SERVER && twin.kind !== SpanKind.SERVER)) return [];
    return [{ text: `its id ${span.spanId} is there twice`, span, cause: TWICE }];
  });
}

function hopFaults(roots: readonly Node[], options: HopOptions): Fault[] {
  const faults = [...entriesFaults(roots, options), ...roots.flatMap((root) => entryFaults(root, options))];
  for (const node of walk(roots)) {
    if (node.span.kind === SpanKind.CLIENT) faults.push(...callFaults(node, options));
  }
  return faults;
}

function entriesFaults(roots: readonly Node[], options: HopOptions): Fault[] {
  const entries = roots.filter((root) => !isLost(root, options)).map(({ span }) => span);
  if (entries.length < 2) return [];
  const text = `the trace is entered ${entries.length} times: ${entries.map(named).join(', ')}`;
  const notes = entries.slice(1).map((span) => [span, 'a second entry of the trace'] as const);
  return [{ text, cause: TWO_ENTRIES, notes }];
}

/** Whether a span begins a part of the trace though it has a parent, which nobody has declared to be elsewhere. */
function isLost({ orphan, span }: Node, { remoteParents = [] }: HopOptions): boolean {
  return orphan !== undefined && !remoteParents.includes(span.parentSpanId ?? '');
}

function entryFaults(root: Node, options: HopOptions): Fault[] {
  const { span } = root;
  const { entry = 'SERVER' } = options;
  if (isLost(root, options)) {
    return [{ text: 'the call that led here is not there', span, cause: LOST_CALL }];
  }
  if (span.kind !== SpanKind[entry]) {
    const text = `the trace begins with ${SpanKind[span.kind]}, expected ${entry}`;
    return [{ text, span, cause: NO_ENTRY }];
  }
  // That of a call is looked at with the other calls.
  return span.kind === SpanKind.CLIENT ? [] : several('the entry', serversOf([root]));
}

function callFaults(call: Node, { untraced = [] }: HopOptions): Fault[] {
  const { span, children = [] } = call;
  const servers = serversOf(children);
  if (servers.length > 0) return several(`the hop by ${named(span)}`, servers);
  const stranger = serviceBelow(call);
  if (stranger) {
    const text = `its hop to ${stranger.serviceName} has no SERVER span`;
    return [{ text, span, cause: NO_PLUGIN }];
  }
  // The call by which a client makes this one is the hop.
  if (hasCall(children)) return [];
  const address = addressOf(span);
  const [host = ''] = address.split(/:\d+$/);
  if (!isAnsweredCall(span) || untraced.includes(address) || untraced.includes(host)) return [];
  return [{ text: `its hop to ${address} has no SERVER span`, span, cause: NO_SET_UP }];
}

/** The SERVER spans of a hop: those that no further call leads to. */
function serversOf(nodes: readonly Node[]): SpanRecord[] {
  const own = walk(nodes, ({ span: { kind } }) => kind !== SpanKind.CLIENT && kind !== SpanKind.PRODUCER);
  return [...own].map(({ span }) => span).filter(({ kind }) => kind === SpanKind.SERVER);
}

function several(hop: string, servers: readonly SpanRecord[]): Fault[] {
  const [first, ...others] = servers;
  if (!first || others.length === 0) return [];
  const services = new Set(servers.map(({ serviceName }) => serviceName));
  const made = servers.map((span) => `${named(span)} by ${span.scope.name || 'no scope'}`).join(', ');
  const text = `${hop} has ${servers.length} SERVER spans: ${made}`;
  const notes = others.map((span) => [span, 'a second SERVER span of one hop'] as const);
  return [{ text, cause: services.size > 1 ? TWO_SERVICES : TWO_INSTRUMENTATIONS, notes }];
}

/** The first span of another service below a call, with no call between them. */
function serviceBelow({ span: { serviceName }, children = [] }: Node): SpanRecord | undefined {
  for (const { span } of walk(children, (node) => node.span.kind !== SpanKind.CLIENT)) {
    if (span.serviceName !== serviceName) return span;
  }
  return undefined;
}

function hasCall(nodes: readonly Node[]): boolean {
  for (const { span } of walk(nodes)) if (span.kind === SpanKind.CLIENT) return true;
  return false;
}

/** A call that nobody answered may not have reached a server; a query reaches one that makes no spans. */
function isAnsweredCall({ attributes }: SpanRecord): boolean {
  return (attributes['http.response.status_code'] ?? attributes['http.status_code']) !== undefined;
}

function addressOf({ attributes }: SpanRecord): string {
  const host = attributes['server.address'] ?? attributes['net.peer.name'] ?? 'a server';
  const port = attributes['server.port'] ?? attributes['net.peer.port'];
  return port === undefined ? String(host) : `${String(host)}:${String(port)}`;
}
