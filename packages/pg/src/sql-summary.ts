import type { SqlToken } from './sql-tokens.ts';

/** Most characters of `db.query.summary`. */
const LONGEST = 255;

/** Statements whose targets are told; of any other only the first word is (`BEGIN`, `SET`, `LISTEN`). */
const TOLD = words('SELECT INSERT UPDATE DELETE MERGE TRUNCATE COPY CALL EXPLAIN WITH CREATE ALTER DROP');
const DEFINITIONS = words('CREATE ALTER DROP');
const OBJECTS = words(
  'TABLE INDEX VIEW SEQUENCE SCHEMA DATABASE FUNCTION PROCEDURE TRIGGER TYPE DOMAIN EXTENSION ROLE USER POLICY RULE',
);
/** Followed by their target at once. */
const BEFORE_TARGET = words('UPDATE TRUNCATE COPY CALL');
/** What can stand before the name of a target. */
const BETWEEN = words('ONLY LATERAL TABLE IF NOT EXISTS CONCURRENTLY ON');
const CHANGES = words('INSERT UPDATE DELETE MERGE');
/** What a change follows that is an operation, as `FOR UPDATE` and `ON DELETE` are not. */
const BEFORE_CHANGE = words('( ) EXPLAIN ANALYZE VERBOSE');
const END_OF_TABLES = words(
  'WHERE GROUP HAVING WINDOW ORDER LIMIT OFFSET FETCH FOR SET RETURNING UNION INTERSECT EXCEPT',
);
/** By which word a target is announced, in which operations. */
const ANNOUNCED: Readonly<Record<string, ReadonlySet<string>>> = {
  FROM: words('SELECT UPDATE DELETE'),
  JOIN: words('SELECT UPDATE DELETE'),
  INTO: words('INSERT SELECT MERGE'),
  USING: words('DELETE MERGE'),
};

function words(list: string): ReadonlySet<string> {
  return new Set(list.split(' '));
}

/** What is going on between one pair of brackets. */
interface Level {
  readonly operation: string;
  /** The next name is a target. */
  wanted: boolean;
  /** A comma leads to a further one. */
  tables: boolean;
}

function newLevel(): Level {
  return { operation: '', wanted: false, tables: false };
}

/**
 * The operations of a query and what they are about, as written, without literals: `SELECT songs artists`,
 * `INSERT shipping_details SELECT orders`. Empty for an empty query.
 *
 * Semantic conventions, docs/db/database-spans.md, "Generating a summary of the query".
 */
export function sqlSummary(tokens: readonly SqlToken[]): string {
  const told = withWholeNames(tokens);
  const summary: string[] = [];
  const outer: Level[] = [];
  let level = newLevel();
  let starting = true;
  let previous = '';
  for (let index = 0; index < told.length; index++) {
    const { kind, text } = told[index] as SqlToken;
    const upper = kind === 'name' ? text.toUpperCase() : text;
    if (text === '(') {
      level.wanted = false;
      outer.push(level);
      level = newLevel();
    } else if (text === ')') {
      level = outer.pop() ?? newLevel();
    } else if (text === ';') {
      starting = true;
    } else if (text === ',') {
      level.wanted = level.tables;
    } else if (kind !== 'name') {
      level.wanted = false;
    } else if (level.wanted && !starting) {
      level.wanted = BETWEEN.has(upper);
      if (!level.wanted) summary.push(text);
    } else if (starting || startsOperation(upper, previous)) {
      if (starting && summary.length > 0) summary.push(';');
      starting = false;
      if (upper !== 'WITH') summary.push(text);
      level = { operation: upper, wanted: BEFORE_TARGET.has(upper), tables: upper === 'TRUNCATE' };
      if (DEFINITIONS.has(upper)) index = tellDefinition(told, index, summary);
      else if (!TOLD.has(upper)) index = endOfStatement(told, index);
    } else if (ANNOUNCED[upper]?.has(level.operation) && previous !== 'DISTINCT') {
      level.wanted = true;
      level.tables = upper === 'FROM' || (level.tables && upper === 'JOIN');
    } else if (END_OF_TABLES.has(upper)) {
      level.tables = false;
    }
    previous = upper;
  }
  return shortened(summary.join(' ').replaceAll(' ;', ';'));
}

/** A text as the summary and the name of a span: of one line, and no longer than a summary may be. */
export function shortened(text: string): string {
  // A quoted name may hold line breaks, and so may that of a statement.
  const summary = text.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ');
  if (summary.length <= LONGEST) return summary;
  const cut = summary.lastIndexOf(' ', LONGEST);
  if (cut > 0) return summary.slice(0, cut);
  // Half of a surrogate pair is no text.
  const half = /[\ud800-\udbff]/.test(summary.charAt(LONGEST - 1));
  return summary.slice(0, half ? LONGEST - 1 : LONGEST);
}

function startsOperation(word: string, previous: string): boolean {
  if (word === 'SELECT') return previous !== 'FOR' && previous !== 'ON';
  return CHANGES.has(word) && BEFORE_CHANGE.has(previous);
}

/** `CREATE UNIQUE INDEX IF NOT EXISTS name`: told are the kind of object and its name. */
function tellDefinition(tokens: readonly SqlToken[], start: number, summary: string[]): number {
  const isName = (token: SqlToken | undefined): token is SqlToken => token?.kind === 'name';
  let index = start + 1;
  for (let token = tokens[index]; isName(token) && !OBJECTS.has(token.text.toUpperCase());)
    token = tokens[++index];
  const object = tokens[index];
  if (!isName(object)) return start;
  summary.push(object.text);
  let token = tokens[++index];
  while (isName(token) && BETWEEN.has(token.text.toUpperCase())) token = tokens[++index];
  if (isName(token)) summary.push(token.text);
  return index;
}

function endOfStatement(tokens: readonly SqlToken[], start: number): number {
  let index = start + 1;
  while (index < tokens.length && tokens[index]?.text !== ';') index++;
  return index - 1;
}

/** Without space and comments, and `schema . table` as one name. */
function withWholeNames(tokens: readonly SqlToken[]): SqlToken[] {
  const whole: SqlToken[] = [];
  let last: SqlToken | undefined;
  for (const token of tokens) {
    if (token.kind === 'space' || token.kind === 'comment') continue;
    const isPart = token.text === '.' || (token.kind === 'name' && last?.text.endsWith('.'));
    if (last?.kind === 'name' && isPart) {
      last = { kind: 'name', text: last.text + token.text };
      whole[whole.length - 1] = last;
    } else {
      last = token;
      whole.push(token);
    }
  }
  return whole;
}
