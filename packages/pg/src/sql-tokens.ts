/** One token, as written. `name` is a keyword or an identifier, quoted or not. */
export interface SqlToken {
  readonly kind: 'name' | 'literal' | 'space' | 'comment' | 'other';
  readonly text: string;
}

// In this order: white space; a comment, or the opening of one; E'' with its backslashes; '' with an optional type
// letter; a parameter; the opening of a dollar quote; a name; a number; any other character. A quote that is never
// closed reaches to the end.
const TOKEN =
  /\s+|--[^\n]*|\/\*|[eE]'[^'\\]*(?:(?:''|\\[^])[^'\\]*)*(?:'|$)|[bBnNxX]?'[^']*(?:''[^']*)*(?:'|$)|\$\d+|\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$|"[^"]*(?:""[^"]*)*(?:"|$)|[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*|(?:\d|\.\d)[\w.]*|[^]/y;

/** Splits PostgreSQL's SQL. The tokens' texts together are the input. */
export function sqlTokens(sql: string): SqlToken[] {
  const tokens: SqlToken[] = [];
  for (let start = 0; start < sql.length;) {
    TOKEN.lastIndex = start;
    TOKEN.test(sql);
    let end = TOKEN.lastIndex;
    const kind = kindOf(sql, start, end);
    if (kind === 'comment' && sql[start] === '/') end = endOfComment(sql, end);
    else if (kind === 'literal' && sql[start] === '$') end = endOfDollarQuote(sql, start, end);
    tokens.push({ kind, text: sql.slice(start, end) });
    start = end;
  }
  return tokens;
}

/** The first character tells, the second where that could be several. */
function kindOf(sql: string, start: number, end: number): SqlToken['kind'] {
  const first = sql.charAt(start);
  const isLong = end - start > 1;
  if (first >= '0' && first <= '9') return 'literal';
  switch (first) {
    case ' ':
    case '\n':
    case '\t':
    case '\r':
      return 'space';
    case '"':
      return 'name';
    case "'":
      return 'literal';
    case '.':
      return isLong ? 'literal' : 'other';
    case '-':
    case '/':
      return isLong ? 'comment' : 'other';
    case '$':
      return isLong && sql[end - 1] === '$' ? 'literal' : 'other';
    default:
  }
  if (sql[start + 1] === "'" && isLong) return 'literal';
  if (/[\w\u0080-\uffff]/.test(first)) return /\s/.test(first) ? 'space' : 'name';
  return 'other';
}

function endOfDollarQuote(sql: string, start: number, opened: number): number {
  const quote = sql.slice(start, opened);
  const close = sql.indexOf(quote, opened);
  return close === -1 ? sql.length : close + quote.length;
}

/** PostgreSQL's comments nest. */
function endOfComment(sql: string, opened: number): number {
  const marks = /\/\*|\*\//g;
  marks.lastIndex = opened;
  for (let depth = 1; depth > 0;) {
    const match = marks.exec(sql);
    if (match === null) return sql.length;
    depth += match[0] === '/*' ? 1 : -1;
  }
  return marks.lastIndex;
}
