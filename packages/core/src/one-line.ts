import { printable } from './trace-tree-text.ts';

/**
 * A text for a message: on one line, nothing in it that moves a cursor, and cut where it is long. What it takes for that
 * grows with the limit, not with the text.
 *
 * @param atMost Characters of the text that are told.
 */
export function oneLine(text: string, atMost: number): string {
  const lines = cut(text, atMost).split(/[\r\n\u2028\u2029]/);
  const [first = ''] = lines;
  if (lines.length === 1) return printable(first);
  return printable(
    lines
      .map((line) => line.trim())
      .filter((line) => line !== '')
      .join(' '),
  );
}

const VALUE_AT_MOST = 300;

/** A value in quotation marks for a message, by the rules of {@link oneLine}. */
export function quoted(value: string): string {
  return printable(JSON.stringify(cut(value, VALUE_AT_MOST)));
}

/** The address of a URL, whole or not, as it may be told: without user, password, query and fragment. */
export function addressOf(url: string): string {
  const scheme = url.indexOf('://');
  const start = scheme === -1 ? 0 : scheme + 3;
  // A password that is not encoded may hold anything, `?` and `@` too.
  const at = url.lastIndexOf('@');
  const whole = at < start ? url : `${url.slice(0, start)}REDACTED@${url.slice(at + 1)}`;
  const end = whole.search(/[?#]/);
  return end === -1 ? whole : `${whole.slice(0, end + 1)}REDACTED`;
}

function cut(text: string, atMost: number): string {
  const beyond = text.length - atMost;
  return beyond > 0 ? `${text.slice(0, atMost)}… [${beyond} more characters]` : text;
}
