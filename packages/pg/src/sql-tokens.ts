/** One token, as written. `name` is a keyword or an identifier, quoted or not. */
export interface SqlToken {
  readonly kind: 'name' | 'literal' | 'space' | 'comment' | 'other';
  readonly text: string;
}

// In this order: white space; the opening of a comment; E'' with its backslashes; '' with an optional type letter; the
// opening of a dollar quote; a parameter; a name; a number; any other character. A quote never closed reaches to the end.
const TOKEN =
  /(?<space>\s+)|(?<comment>--|\/\*)|(?<string>[eE]'[^'\\]*(?:(?:''|\\[^])[^'\\]*)*(?:'|$)|[bBnNxX]?'[^']*(?:''[^']*)*(?:'|$))|(?<dollar>\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$)|\$\d+|(?<name>"[^"]*(?:""[^"]*)*(?:"|$)|[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*)|(?<number>(?:\d|\.\d)[\w.]*)|[^]/y;

/** Splits PostgreSQL's SQL. The tokens' texts together are the input. */
export function sqlTokens(sql: string): SqlToken[] {
  const tokens: SqlToken[] = [];
  for (let position = 0; position < sql.length;) {
    TOKEN.lastIndex = position;
    const match = TOKEN.exec(sql);
    if (match === null) break;
    const { space, comment, string, dollar, name, number } = match.groups ?? {};
    let end = position + match[0].length;
    let kind: SqlToken['kind'] = 'other';
    if (name !== undefined) kind = 'name';
    else if (space !== undefined) kind = 'space';
    else if (string !== undefined || number !== undefined) kind = 'literal';
    else if (dollar !== undefined) {
      kind = 'literal';
      end = indexAfter(sql, dollar, end);
    } else if (comment !== undefined) {
      kind = 'comment';
      end = comment === '--' ? indexAfter(sql, '\n', end) : endOfComment(sql, end);
    }
    tokens.push({ kind, text: sql.slice(position, end) });
    position = end;
  }
  return tokens;
}

function indexAfter(sql: string, mark: string, start: number): number {
  const index = sql.indexOf(mark, start);
  return index === -1 ? sql.length : index + mark.length;
}

/** PostgreSQL's comments nest. */
function endOfComment(sql: string, start: number): number {
  const marks = /\/\*|\*\//g;
  marks.lastIndex = start;
  for (let depth = 1; depth > 0;) {
    const match = marks.exec(sql);
    if (match === null) return sql.length;
    depth += match[0] === '/*' ? 1 : -1;
  }
  return marks.lastIndex;
}
