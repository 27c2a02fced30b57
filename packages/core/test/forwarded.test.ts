import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';

import { expect, test } from 'vitest';

import { originalTarget } from '../src/forwarded.ts';

function target(headers: Record<string, string>) {
  const message = new IncomingMessage(new Socket());
  Object.assign(message.headers, headers);
  return originalTarget(message);
}

test.each([
  ['the Host header', { host: 'api.test:8080' }, { scheme: 'http', address: 'api.test', port: 8080 }],
  ['a Host without a port', { host: 'api.test' }, { scheme: 'http', address: 'api.test', port: 80 }],
  ['an IPv6 Host', { host: '[::1]:3000' }, { scheme: 'http', address: '::1', port: 3000 }],
  ['an IPv6 Host without a port', { host: '[::1]' }, { scheme: 'http', address: '::1', port: 80 }],
  ['an odd Host', { host: 'a:b' }, { scheme: 'http', address: 'a', port: undefined }],
  [
    'a Host with a user',
    { host: 'user:p@ss@api.test:81' },
    { scheme: 'http', address: 'api.test', port: 81 },
  ],
  ['no Host', {}, { scheme: 'http', address: '', port: undefined }],
  [
    'X-Forwarded-Host and -Proto, the first member',
    { host: 'inner', 'x-forwarded-host': 'outer.test, proxy', 'x-forwarded-proto': 'https, http' },
    { scheme: 'https', address: 'outer.test', port: 443 },
  ],
  [
    'Forwarded before X-Forwarded-Host',
    {
      host: 'inner',
      forwarded: 'for=1.2.3.4;host="outer.test:444";proto=https, host=second',
      'x-forwarded-host': 'other',
    },
    { scheme: 'https', address: 'outer.test', port: 444 },
  ],
  [
    'a scheme that is none',
    { host: 'a', 'x-forwarded-proto': 'gopher' },
    { scheme: 'http', address: 'a', port: 80 },
  ],
  [
    ':authority',
    { ':authority': 'h2.test:9', host: 'other' },
    { scheme: 'http', address: 'h2.test', port: 9 },
  ],
])('scheme, address and port follow %s (Y12)', (_what, headers, expected) => {
  expect(target(headers as Record<string, string>)).toEqual(expected);
});
