import fc from 'fast-check';

/** What texts that mean harm are made of. */
const PIECES: readonly string[] = [
  ['', ' ', '\t', '\n', '\r\n', '\r', '\0', '\u0007', '\u001b[2J', '\u001b]0;x\u0007', '\u007f'],
  ['\u0080', '\u0085', '\u009b31m', '\u00a0', '\u2028', '\u2029', '\ufeff', '\u202e', '\ufffd', '\uffff'],
  ['ü', '😀', '\ud83d', '\ude00', 'e\u0301', '𝒳', 'İ', 'ß'],
  [
    ',',
    ';',
    ':',
    '=',
    '-',
    '@',
    '&',
    '?',
    '#',
    '/',
    '//',
    '\\',
    '"',
    "'",
    '`',
    '|',
    '(',
    ')',
    '[',
    ']',
    '{',
    '}',
  ],
  [
    '%',
    '%%',
    '%s',
    '%d',
    '%j',
    '%o',
    '%c',
    '%zz',
    '%00',
    '%0a',
    '%0D%0A',
    '%FF',
    '%C3%BC',
    '%E0%A4',
    '%2525',
  ],
  ['__proto__', 'constructor', 'prototype', 'toString', 'toJSON', 'hasOwnProperty', 'null', 'undefined'],
  [
    '--',
    '/*',
    '*/',
    '$$',
    '$a$',
    'E',
    "''",
    ';--',
    '\\x41',
    '$1',
    '..',
    './',
    '/../',
    '*',
    '${x}',
    '<script>',
  ],
  ['0', '1', '-1', 'NaN', '1e999', '0x10', '00', 'ff', 'A', 'a=1', 'true', 'FALSE', '1.5', '٣'],
].flat();

const piece = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...PIECES) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 8 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme-ascii', maxLength: 8 }) },
);

/** Any text, made of what harms. Mostly short; now and then `longest` characters of the same. */
export function hostileText(longest = 100_000): fc.Arbitrary<string> {
  const short = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''));
  return fc.oneof(
    { weight: 12, arbitrary: short },
    {
      weight: 1,
      arbitrary: fc
        .tuple(short, fc.integer({ min: 1, max: longest }))
        .map(([text, length]) => text.repeat(Math.ceil(length / Math.max(1, text.length))).slice(0, length)),
    },
  );
}

/** A valid text of a format, with pieces of others put in, taken out and repeated. */
export function garbled(...valid: readonly string[]): fc.Arbitrary<string> {
  const change = fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    cut: fc.nat({ max: 4 }),
    piece: fc.oneof(piece, fc.constantFrom(...valid)),
    times: fc.oneof(fc.integer({ min: 1, max: 3 }), fc.constant(600)),
  });
  return fc.tuple(fc.constantFrom(...valid), fc.array(change, { maxLength: 5 })).map(([text, changes]) =>
    changes.reduce((before, { at, cut, piece: put, times }) => {
      const place = Math.floor(at * before.length);
      return before.slice(0, place) + put.repeat(times) + before.slice(place + cut);
    }, text),
  );
}

/** A word that stands nowhere else: where it turns up, a secret has got through. */
export const secretWord: fc.Arbitrary<string> = fc
  .integer({ min: 0, max: 0xff_ff_ff })
  .map((number) => `s3cr3t${number.toString(36)}x`);

/** C0, DEL, C1, and the two that some readers take for line ends. */
const CONTROL = /[\p{Cc}\u2028\u2029]/u;

/** Whether a text could end a line, or do something to a terminal. */
export function hasControl(text: string): boolean {
  return CONTROL.test(text);
}

/** Whether a value holds a text, as what would be sent of it. */
export function holdsText(value: unknown, text: string): boolean {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'bigint' ? String(inner) : inner,
  ).includes(text);
}
