import { sqlSummary } from './sql-summary.ts';
import { type SqlToken, sqlTokens } from './sql-tokens.ts';

/** What a span may say about a query's text. */
export interface SqlDescription {
  /** `db.query.summary`; empty for an empty query. */
  readonly summary: string;
  /** The text with `?` for every literal and without comments. */
  readonly redacted: string;
  /** Whether it holds a comment; of the rest of a long text, whether it may. */
  readonly commented: boolean;
}

/** Queries are few and run often; those with literals in them are many, hence a bound. */
const MOST_KEPT = 500;
/** A text is read so far and no further, and a longer one is not kept: bulk statements have megabytes. */
const LONGEST = 4096;

const kept = new Map<string, SqlDescription>();

/** Describes a query; a text seen lately is not read again. */
export function describeSql(sql: string): SqlDescription {
  const known = kept.get(sql);
  if (known !== undefined) return known;
  const isLong = sql.length > LONGEST;
  const tokens = sqlTokens(isLong ? sql.slice(0, LONGEST) : sql);
  const redacted = redact(tokens);
  const description = {
    summary: sqlSummary(tokens),
    redacted: isLong ? `${redacted}…` : redacted,
    commented: isLong ? /--|\/\*/.test(sql) : tokens.some(({ kind }) => kind === 'comment'),
  };
  if (!isLong) keep(sql, description);
  return description;
}

function keep(sql: string, description: SqlDescription): void {
  if (kept.size >= MOST_KEPT) {
    // The first of a map's keys is the one kept longest.
    for (const oldest of kept.keys()) {
      kept.delete(oldest);
      break;
    }
  }
  kept.set(sql, description);
}

function redact(tokens: readonly SqlToken[]): string {
  let text = '';
  for (const token of tokens) {
    if (token.kind === 'literal') text += '?';
    else if (token.kind === 'comment') text += ' ';
    else text += token.text;
  }
  // Lists of any length are one query.
  return text.trim().replaceAll(/(\bIN\s*)\(\s*\?(?:\s*,\s*\?)+\s*\)/gi, '$1(?)');
}
