/** How a piece of the drawing stands out; has an effect only where colours are on. */
export type TextStyle = 'plain' | 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'blue' | 'magenta' | 'cyan';

const SGR: Record<TextStyle, readonly [number, number]> = {
  plain: [0, 0],
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  blue: [34, 39],
  magenta: [35, 39],
  cyan: [36, 39],
};

/** Wraps `text` in the terminal's codes for `style`. `node:util`'s `styleText` asks the wrong stream (stdout). */
export function paint(text: string, style: TextStyle, color: boolean): string {
  if (!color || style === 'plain' || text === '') return text;
  const [on, off] = SGR[style];
  return `\u001b[${on}m${text}\u001b[${off}m`;
}

const ONLY_ASCII = /^[\x20-\x7e]*$/;
// Joiners are left in: they only shape the letters of some scripts and of emoji.
const UNPRINTABLE = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;
const NO_COLUMN = /[\u200c\u200d\p{Mn}\p{Me}]/u;
const TWO_COLUMNS =
  /[\p{Emoji_Presentation}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\u3000-\u303f\uff01-\uff60\uffe0-\uffe6]/u;

/**
 * `text` as a terminal can be given it: control characters (colours, cursor moves, line ends), bidirectional
 * overrides and lone surrogates become visible escapes, so that a span's name cannot redraw the screen.
 */
export function printable(text: string): string {
  return ONLY_ASCII.test(text) ? text : text.replace(UNPRINTABLE, escaped);
}

function escaped(character: string): string {
  if (character === '\n') return '\\n';
  if (character === '\r') return '\\r';
  if (character === '\t') return '\\t';
  const code = character.codePointAt(0) ?? 0;
  return code <= 0xff ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
}

/** Terminal columns of a printable text; where terminals differ (emoji), the larger number. */
export function columns(text: string): number {
  if (ONLY_ASCII.test(text)) return text.length;
  let count = 0;
  for (const character of text) count += columnsOf(character);
  return count;
}

function columnsOf(character: string): number {
  // U+FE0F turns the sign before it into an emoji, which takes the second column.
  if (character === '\ufe0f') return 1;
  if (NO_COLUMN.test(character)) return 0;
  return TWO_COLUMNS.test(character) ? 2 : 1;
}

/** `text` made printable and cut, with an ellipsis, to at most `width` columns. */
export function fit(text: string, width: number): string {
  if (width <= 0) return '';
  // A message can be megabytes long; what could be shown is all that is looked at.
  const seen = text.length > width * 8 ? text.slice(0, width * 8) : text;
  const clean = printable(seen);
  if (seen === text && columns(clean) <= width) return clean;
  let kept = '';
  let room = width - 1;
  for (const character of clean) {
    room -= columnsOf(character);
    if (room < 0) break;
    kept += character;
  }
  return `${kept}…`;
}

/** `text`, fitted, painted, and filled with spaces to exactly `width` columns. */
export function cell(
  text: string,
  width: number,
  { style = 'plain', color = false, align = 'left' }: CellLook = {},
): string {
  const fitted = fit(text, width);
  const fill = ' '.repeat(Math.max(0, width - columns(fitted)));
  const painted = paint(fitted, style, color);
  return align === 'left' ? painted + fill : fill + painted;
}

/** How a {@link cell} looks; plain, without colour and on the left by default. */
export interface CellLook {
  readonly style?: TextStyle;
  readonly color?: boolean;
  readonly align?: 'left' | 'right';
}
