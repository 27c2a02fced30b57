import type { SpanRecord } from '@org/tracing-core';

/** The first attribute of each line that a caller's span has names what it calls; SDKs still send the older names. */
const SYSTEMS = ['db.system.name', 'db.system', 'messaging.system'];
const PARTS = ['db.namespace', 'db.name', 'messaging.destination.name', 'messaging.destination'];
const HOSTS = ['server.address', 'net.peer.name', 'http.host'];
const PORTS = ['server.port', 'net.peer.port'];

/** What a CLIENT or PRODUCER span calls, as it names it: `postgresql shop`, `api.example.com:8443`. */
export function externalName(span: SpanRecord): string | undefined {
  const first = (keys: readonly string[]): string | undefined => {
    const key = keys.find((each) => span.attributes[each] !== undefined);
    return key === undefined ? undefined : String(span.attributes[key]);
  };
  const peer = first(['peer.service']);
  if (peer !== undefined) return peer;
  const system = first(SYSTEMS);
  if (system !== undefined) return [system, first(PARTS)].filter(Boolean).join(' ');
  const host = first(HOSTS);
  if (host === undefined) return first(['rpc.service']);
  const port = first(PORTS);
  return port === undefined ? host : `${host.includes(':') ? `[${host}]` : host}:${port}`;
}
