/** How a column stands: numbers to the right. */
export type Align = 'left' | 'right';

/** A table of Markdown, its columns as wide as what is in them. */
export function table(
  columns: readonly (readonly [string, Align])[],
  rows: readonly (readonly string[])[],
): string {
  const widths = columns.map(([name], column) =>
    Math.max(4, name.length, ...rows.map((row) => (row[column] ?? '').length)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${cells
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return columns[column]?.[1] === 'right' ? cell.padStart(width) : cell.padEnd(width);
      })
      .join(' | ')} |`;
  const rule = columns.map(([, align], column) => {
    const dashes = '-'.repeat((widths[column] ?? 0) - (align === 'right' ? 1 : 0));
    return align === 'right' ? `${dashes}:` : dashes;
  });
  return [line(columns.map(([name]) => name)), line(rule), ...rows.map(line)].join('\n');
}
