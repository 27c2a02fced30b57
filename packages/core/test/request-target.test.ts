import { expect, test } from 'vitest';

import { pathOf } from '../src/http-attributes.ts';
import { fullUrl } from '../src/outgoing-request.ts';
import { redactQuery } from '../src/query-redaction.ts';

test.each([
  ['/a/b?c=d', '/a/b'],
  ['http://user:s3cret@host/a?b=c', '/a'],
  ['http://host', '/'],
  ['http://host?sig=/a://b/s3cret', '/'],
  ['http://user:s3cret@host?sig=x/s3cret', '/'],
  ['*?next=a://b/s3cret', '*'],
  ['*', '*'],
  ['//a//b', '//a//b'],
])('the path of the target %s is %s, and nothing of its query or user', (target, path) => {
  expect(pathOf(target)).toBe(path);
});

test.each([
  ['/a?sig=s3cret', 'http://proxy/a?sig=REDACTED'],
  ['http://user:s3cret@host/a', 'http://REDACTED:REDACTED@host/a'],
  ['http://user:s3cret@[host/a', 'http://proxy/http://REDACTED:REDACTED@[host/a'],
  ['user:s3cret@host:443', 'http://proxy/REDACTED:REDACTED@host:443'],
  ['*', 'http://proxy/*'],
])('a call that is sent with the target %s tells no user', (path, url) => {
  const target = { scheme: 'http', host: 'proxy', port: 80, path, credentials: false } as const;
  expect(fullUrl(target, redactQuery)).toBe(url);
});
