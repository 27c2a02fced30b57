import { inspect } from 'node:util';

import type { ViewerOptions } from './viewer-options.ts';

const PORT_AT_MOST = 65_535;
/** A name or an address, and perhaps a port. */
const HOST = /^(?:[\w.-]+|\[[\da-f:.]+\])(?::\d{1,5})?$|^[\da-f:.]+$/i;

/** @throws TypeError that names the option, what it must be and what it is. */
export function checkOptions(options: ViewerOptions): void {
  const { host, port, allowHosts } = options;
  if (host !== undefined && (typeof host !== 'string' || host === '')) {
    throw wrong('host', 'an address or a name', host);
  }
  if (port !== undefined && !isWhole(port, 0, PORT_AT_MOST)) {
    throw wrong('port', `a whole number from 0 to ${PORT_AT_MOST}`, port);
  }
  if (
    allowHosts !== undefined &&
    !(Array.isArray(allowHosts) && allowHosts.every((name) => typeof name === 'string' && name !== ''))
  ) {
    throw wrong('allowHosts', 'a list of names', allowHosts);
  }
  // It would never match, and nobody would know why.
  const noName = allowHosts?.find((name) => !HOST.test(name));
  if (noName !== undefined)
    throw wrong('allowHosts', 'names as in viewer.local, with a port or without', noName);
  for (const name of ['maxTraces', 'maxSpans', 'maxBytes'] as const) {
    const value = options[name];
    if (value !== undefined && !isWhole(value, 1, Number.MAX_SAFE_INTEGER)) {
      throw wrong(name, 'a whole number, 1 or more', value);
    }
  }
}

function isWhole(value: unknown, least: number, most: number): boolean {
  return Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most;
}

function wrong(name: string, expected: string, got: unknown): TypeError {
  return new TypeError(`${name}: expected ${expected}, got ${inspect(got)}`);
}
