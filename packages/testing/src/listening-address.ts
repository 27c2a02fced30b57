import { stripVTControlCharacters } from 'node:util';

import { parsedLine } from './log-line.ts';

/** What a line says of where a service listens. */
export interface SaidAddress {
  /** Without a slash at the end; undefined where the line names port 0, at which nobody listens. */
  readonly url: string | undefined;
}

/** After one of these words a line says where. */
const WORDS = /\b(?:listening|running|started|ready|available|up)\b/gi;
const BETWEEN = String.raw`\s*:?\s*(?:(?:on|at|the|address|url)\s*:?\s+)*`;
const FORMS = [
  new RegExp(String.raw`^${BETWEEN}(?<url>https?://[^\s"'<>]+)`, 'i'),
  new RegExp(String.raw`^${BETWEEN}port\s*:?\s*(?<port>\d+)\b`, 'i'),
  /^\s+(?:on|at)\s+(?:\*|localhost|(?:\d+\.){3}\d+|\[[\da-f:]*\])?:(?<port>\d+)(?![\d:.])/i,
];
/** A number alone is a port after "listening on", at the end: "started at 2026" is not. */
const NUMBER = /^\s+(?:on|at)\s+(?<port>\d+)[\s.!…]*$/i;

/** All addresses of the machine are none that can be called. */
const EVERY_ADDRESS = /^(https?:\/\/)(?:0\.0\.0\.0|\[::\]|\*)/;

/**
 * Where a service listens, as a line of its output says: plain, in colours, or JSON, of which the message counts, and where
 * that ends with "listening" the fields `url` and `port`. Undefined where the line says nothing of it.
 */
export function saidAddress(line: string): SaidAddress | undefined {
  const text = textOf(line);
  for (const { 0: word, index } of text.matchAll(WORDS)) {
    const rest = text.slice(index + word.length);
    const forms = word.toLowerCase() === 'listening' ? [...FORMS, NUMBER] : FORMS;
    const found = forms.map((form) => form.exec(rest)?.groups).find((groups) => groups);
    if (found) return addressOf(found['url'] ?? `http://127.0.0.1:${found['port']}`);
  }
  return undefined;
}

function addressOf(said: string): SaidAddress {
  // Without what ends the sentence, and the slash.
  const url = said
    .replace(/[.,;:!)]+$/, '')
    .replace(/\/$/, '')
    .replace(EVERY_ADDRESS, '$1127.0.0.1');
  return { url: /^https?:\/\/[^/]*:0+(?:\/|$)/.test(url) ? undefined : url };
}

function textOf(line: string): string {
  const { message, msg, url, port } = parsedLine(line) ?? {};
  const said = [message, msg].find((each) => typeof each === 'string');
  const text = stripVTControlCharacters(said ?? line);
  if (!/listening\s*$/i.test(text)) return text;
  if (typeof url === 'string') return `${text} on ${url}`;
  return typeof port === 'number' ? `${text} on port ${port}` : text;
}
