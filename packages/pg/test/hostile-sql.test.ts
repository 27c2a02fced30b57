import { type Attributes, ROOT_CONTEXT, type Span, trace } from '@opentelemetry/api';
import { garbled, hasControl, hold, hostileRecipe, hostileText, made, secretWord } from '@org/fuzz';
import fc from 'fast-check';
import { expect, test } from 'vitest';

import { connectionAttributes, poolName } from '../src/connection-attributes.ts';
import { recordParameterValues } from '../src/parameter-values.ts';
import { recordQueryError } from '../src/query-error.ts';
import { withComment } from '../src/sql-comment.ts';
import { describeSql } from '../src/sql-description.ts';
import { sqlTokens } from '../src/sql-tokens.ts';

const sql = fc.oneof(
  garbled(
    "SELECT a.b, 'x''y' FROM \"t\" a JOIN u ON a.id = $1 WHERE n IN (1, 2, 3) /* c */ -- d",
    "WITH x AS (INSERT INTO s.t VALUES ($$a$$, E'\\n', 1.5e3)) DELETE FROM x USING y; COMMIT",
    'CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS i ON t (a)',
  ),
  hostileText(),
);

hold('sql: the tokens of any text are that text, its summary is one line of 255 characters at most', () => {
  return fc.property(sql, (text) => {
    const { summary, redacted } = describeSql(text);
    expect(summary.length).toBeLessThanOrEqual(255);
    if (hasControl(summary)) throw new Error(JSON.stringify(summary));
    // A text is read no further than its first 4096 characters.
    expect(redacted.length).toBeLessThanOrEqual(4097);
    const short = text.slice(0, 20_000);
    expect(
      sqlTokens(short)
        .map((token) => token.text)
        .join(''),
    ).toBe(short);
  });
});

/** A place for a value in SQL, as it is written there. */
const LITERALS: readonly ((secret: string) => string)[] = [
  (secret) => `'${secret}'`,
  (secret) => `'it''s ${secret}'`,
  (secret) => String.raw`E'it\'s ${secret}'`,
  (secret) => `$$${secret}$$`,
  (secret) => `$tag$ $$ ${secret} $tag$`,
  (secret) => `U&'${secret}'`,
  (secret) => `N'${secret}`,
  (secret) => `/* ${secret} /* nested */ ${secret} */ 1`,
  (secret) => `1 -- ${secret}\n`,
  (secret) => `interval '${secret}'`,
];

hold('sql: no literal or comment is told, wherever it stands', () => {
  const before = garbled('SELECT a FROM t WHERE b = ', 'INSERT INTO t VALUES (', 'SET x TO ');
  return fc.property(
    secretWord,
    fc.constantFrom(...LITERALS),
    before,
    hostileText(5000),
    (secret, write, head, tail) => {
      // What stands before must not have opened a quotation itself, in which ours would be the end.
      fc.pre(!/['"$/\-\\]/.test(head));
      const { summary, redacted } = describeSql(`${head} ${write(secret)} ${tail}`);
      if (summary.includes(secret) || redacted.includes(secret)) throw new Error(`${summary} | ${redacted}`);
    },
  );
});

hold('sql: a comment holds no more than its own pairs, whatever a propagator writes', () => {
  const span = trace.wrapSpanContext({ traceId: '1'.repeat(32), spanId: '2'.repeat(16), traceFlags: 1 });
  return fc.property(sql, hostileText(300), hostileText(300), (text, key, value) => {
    const propagator = {
      inject: (_context: unknown, carrier: unknown, setter: { set(...args: unknown[]): void }) =>
        setter.set(carrier, key, value),
      extract: () => ROOT_CONTEXT,
      fields: () => [],
    };
    let commented = text;
    try {
      commented = withComment(text, span, ROOT_CONTEXT, { propagator });
    } catch (error) {
      // Half of a surrogate pair has no encoding; the caller sends the text as it is then.
      expect(error).toBeInstanceOf(URIError);
    }
    if (commented === text) return;
    const start = commented.lastIndexOf(' /*');
    const end = commented.indexOf('*/', start) + 2;
    expect(commented.slice(0, start) + commented.slice(end)).toBe(text);
    expect(commented.slice(start, end)).toMatch(/^ \/\*[\w.~%-]*='[\w.~%-]*'\*\/$/);
  });
});

function notingSpan(): { span: Span; attributes: Attributes } {
  const attributes: Attributes = {};
  const span = {
    setAttribute: (name: string, value: string) => void (attributes[name] = value),
    setAttributes: (more: Attributes) => void Object.assign(attributes, more),
    setStatus: () => undefined,
    recordException: () => undefined,
  };
  return { span: span as unknown as Span, attributes };
}

hold('values: any parameters are told in their limits, and none breaks the query', () => {
  return fc.property(
    fc.array(hostileRecipe, { maxLength: 5 }),
    fc.nat(200),
    fc.nat(4),
    (all, maxLength, maxCount) => {
      const { span, attributes } = notingSpan();
      recordParameterValues(
        span,
        all.map((recipe) => made(recipe)),
        { maxCount, maxLength },
      );
      expect(Object.keys(attributes).length).toBeLessThanOrEqual(maxCount);
      // Of bytes the limit is one of bytes, each of which becomes a character where it is no UTF-8.
      for (const value of Object.values(attributes))
        expect(String(value).length).toBeLessThanOrEqual(Math.max(4, maxLength));
    },
  );
});

hold('errors: a value that the server quotes is not told', () => {
  return fc.property(
    secretWord,
    hostileText(300),
    fc.constantFrom('23505', '22P02', '42601', 'P0001', ''),
    (secret, text, code) => {
      const quoted = `invalid input "${text}${secret}${text}"`;
      const told: unknown[] = [];
      const span = {
        setAttributes: (attributes: Attributes) => void told.push(attributes),
        setStatus: (status: unknown) => void told.push(status),
        recordException: (exception: unknown) => void told.push(exception),
      };
      recordQueryError(
        span as unknown as Span,
        Object.assign(new Error(quoted), { code: code || '22P02', severity: 'ERROR' }),
      );
      // Messages of class 23 quote names alone.
      if (code !== '23505' && JSON.stringify(told).includes(secret)) throw new Error(JSON.stringify(told));
    },
  );
});

hold('urls: no password of a database is an attribute or the name of a pool', () => {
  return fc.property(secretWord, hostileText(50), (secret, text) => {
    const connectionString = `postgres://user:${encodeURIComponent(secret)}@host:5433/shop?password=${secret}&x=${encodeURIComponent(Buffer.from(text).toString())}`;
    if (poolName({ connectionString }).includes(secret)) throw new Error(poolName({ connectionString }));
    poolName({ connectionString: text });
    const attributes = connectionAttributes({ host: text, port: text.length, database: text, user: secret });
    if (JSON.stringify(attributes).includes(secret)) throw new Error(JSON.stringify(attributes));
  });
});

test.each([
  ["'", 'a'],
  ['', '/*'],
  ['', '$a'],
  ['', '$'],
  ['', '"a'],
  ['SELECT 1 IN (', '?,'],
  ['', 'IN '],
  ['', '\t'],
  ['', '.'],
  ['', '('],
  ['', 'SELECT '],
])('100 KB of %s%s are read in no time', (before, piece) => {
  const text = before + piece.repeat(100_000 / piece.length);
  const began = process.cpuUsage();
  describeSql(text);
  sqlTokens(text);
  expect(process.cpuUsage(began).user).toBeLessThan(1_000_000);
});
