import { textColumns } from '@org/tracing-core';

/** A sentence in lines of at most `width` columns, broken between words; the lines after the first are further indented. */
export function wrapped(sentence: string, indent: string, width: number): string {
  const lines: string[] = [];
  let line = indent;
  for (const word of sentence.split(' ')) {
    const longer = line.trim() === '' ? line + word : `${line} ${word}`;
    if (line.trim() === '' || textColumns(longer) <= width) {
      line = longer;
    } else {
      lines.push(line);
      line = `${indent}  ${word}`;
    }
  }
  return [...lines, line].join('\n');
}
