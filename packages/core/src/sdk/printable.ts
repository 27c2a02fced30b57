import { errorText } from '../diagnostics.ts';

/** Characters of somebody else's text that are printed. */
const SHOWN_AT_MOST = 200;

/** Somebody else's text on one line: no control characters, and not too much of it. */
export function printable(text: string): string {
  // What stands at the end of the cut is looked at too: a body may be megabytes of white space.
  const line = text
    .slice(0, SHOWN_AT_MOST * 4)
    .replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\uFFFD\s]+/gu, ' ')
    .trim();
  return line.length > SHOWN_AT_MOST ? `${line.slice(0, SHOWN_AT_MOST)}…` : line;
}

/** Why something failed, on one line. */
export function causeOf(error: unknown): string {
  return printable(errorText(error).replace(/^Error: /, ''));
}

/** A URL without what may be secret: user, password and query. */
export function printableUrl(url: string): string {
  // gRPC takes a bare `host:port`.
  if (!url.includes('://')) return printable(url);
  const { origin, protocol, host, pathname } = new URL(url);
  return `${origin === 'null' ? `${protocol}//${host}` : origin}${pathname}`;
}
