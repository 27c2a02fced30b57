import { createContext, Script } from 'node:vm';

import { diag } from '@opentelemetry/api';

/** Characters of a text that a pattern of the application is given. */
const SEARCHED_AT_MOST = 1024;

/** Milliseconds that one search may take; nearly all take thousandths of one. */
const TIME_AT_MOST = 50;

/** So often within a minute a pattern may run out of time before it is given up. */
const CHANCES = 3;
const MINUTE = 60_000;

/** How a pattern is called, and what counts where nobody knows whether it would have been found. */
export interface PatternUse {
  /** Name of the option, for what is said of a pattern that takes too long. */
  readonly option: string;
  /** The answer for a search that was not finished. Default false: not found. */
  readonly otherwise?: boolean;
}

/**
 * Makes the search for a regular expression of the application's, in texts of strangers, unable to stall the process:
 *
 * - Of a text the first 1024 characters are searched, with `…` behind them, so that `$` does not take the cut for the end.
 * - Where the form of the expression does not rule out that it takes far longer than the text is long, `(a+)+$` say, it is
 *   run with a time limit of 50 ms, for which Node starts a thread: some 0.1 ms a search. An expression that has run
 *   out of time three times within a minute is not searched any more.
 *
 * @returns Whether the expression is found in a text. Never throws.
 */
export function boundedPattern(
  pattern: RegExp,
  { option, otherwise = false }: PatternUse,
): (text: string) => boolean {
  // A global or sticky expression remembers where it stopped and would miss every second text.
  const stateless = new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, ''));
  const search = isQuick(stateless)
    ? (text: string) => stateless.test(text)
    : timedSearch(stateless, option, otherwise);
  return (text) => {
    if (text.length <= SEARCHED_AT_MOST) return search(text);
    return otherwise || search(`${text.slice(0, SEARCHED_AT_MOST)}…`);
  };
}

function timedSearch(pattern: RegExp, option: string, otherwise: boolean): (text: string) => boolean {
  const world = { pattern, text: '' };
  const context = createContext(world);
  const script = new Script('pattern.test(text)');
  let chances = CHANCES;
  let lastTime = Number.NEGATIVE_INFINITY;
  return (text) => {
    if (chances === 0) return otherwise;
    world.text = text;
    const before = process.cpuUsage();
    try {
      return script.runInContext(context, { timeout: TIME_AT_MOST }) === true;
    } catch {
      // Where the machine had no time for this process, the pattern may be a good one.
      if (process.cpuUsage(before).user > (TIME_AT_MOST * 1000) / 5) countTimeout();
      return otherwise;
    } finally {
      world.text = '';
    }
  };

  function countTimeout(): void {
    const now = performance.now();
    if (now - lastTime > MINUTE) chances = CHANCES;
    lastTime = now;
    chances -= 1;
    const outcome =
      chances === 0 ? 'so it is not searched any more' : 'so this once it counts as not searched';
    diag.error(`${option}: the pattern ${String(pattern)} took more than ${TIME_AT_MOST} ms, ${outcome}`);
  }
}

/**
 * Whether the time of a search grows no faster than the square of the text's length, as far as the form of the expression
 * shows it: one repetition, or two behind a `^`, none of a group; few parts that may be left out, few choices.
 */
function isQuick({ source, flags }: RegExp): boolean {
  // A back reference, or a class that may stand in a class.
  if (/\\[1-9k]/.test(source) || flags.includes('v')) return false;
  const plain = source
    .replaceAll(/\\./gs, 'x')
    .replaceAll(/\[[^\]]*\]/g, 'x')
    .replaceAll(/(?<!\))\{\d+\}/g, '');
  const count = (part: RegExp): number => plain.match(part)?.length ?? 0;
  const isAnchored = plain.startsWith('^') && !plain.includes('|');
  return (
    count(/[*+{]/g) <= (isAnchored ? 2 : 1) &&
    count(/\)[*+{]/g) === 0 &&
    count(/[^(*+?}]\?/g) <= 4 &&
    (!plain.includes('|') || count(/\(/g) <= 3)
  );
}
