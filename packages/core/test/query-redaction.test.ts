import { expect, test } from 'vitest';

import { redactQuery, redactUrl } from '../src/query-redaction.ts';

test.each([
  ['a=1&sig=abc', 'a=1&sig=REDACTED'],
  ['sig=abc;x=1', 'sig=REDACTED;x=1'],
  [
    'X-Amz-Signature=a&X-Amz-Credential=b&X-Amz-Security-Token=c',
    'X-Amz-Signature=REDACTED&X-Amz-Credential=REDACTED&X-Amz-Security-Token=REDACTED',
  ],
  [
    'AWSAccessKeyId=a&Signature=b&X-Goog-Signature=c',
    'AWSAccessKeyId=REDACTED&Signature=REDACTED&X-Goog-Signature=REDACTED',
  ],
  ['Sig=abc&design=1&sigma=2', 'Sig=abc&design=1&sigma=2'],
  ['%73ig=abc&x=%20', '%73ig=REDACTED&x=%20'],
  ['%zz=1&sig=b&q=%41', '%zz=1&sig=REDACTED&q=%41'],
  ['sig', 'sig'],
  ['', ''],
])('the query %j is written as %j (X5)', (query, redacted) => {
  expect(redactQuery(query)).toBe(redacted);
});

test.each([
  ['https://user:pass@host:8443/a?sig=1#frag', 'https://REDACTED:REDACTED@host:8443/a?sig=REDACTED'],
  ['http://user@host/', 'http://REDACTED:REDACTED@host/'],
  ['http://host/a', 'http://host/a'],
])('the URL %j is written as %j', (url, redacted) => {
  expect(redactUrl(new URL(url))).toBe(redacted);
});
