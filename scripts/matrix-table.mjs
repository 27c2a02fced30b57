/**
 * A line for each suite, a column for each Node.
 *
 * @param {readonly { name: string }[]} suites
 * @param {readonly number[]} majors
 * @param {ReadonlyMap<string, string>} cells The text of each cell, by "suite major"; "left out" where there is none.
 * @returns {string}
 */
export function drawTable(suites, majors, cells) {
  const rows = rowsOf(suites, majors, cells);
  const widths = majors.reduce(
    (all, _major, column) => [...all, widest(rows, column + 1)],
    [widest(rows, 0)],
  );
  return rows
    .map((row) =>
      row
        .map((text, column) => text.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/**
 * The same as a table of Markdown.
 *
 * @param {readonly { name: string }[]} suites
 * @param {readonly number[]} majors
 * @param {ReadonlyMap<string, string>} cells
 * @returns {string}
 */
export function drawMarkdown(suites, majors, cells) {
  const [head = [], ...rows] = rowsOf(suites, majors, cells);
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

/**
 * @param {readonly { name: string }[]} suites
 * @param {readonly number[]} majors
 * @param {ReadonlyMap<string, string>} cells
 * @returns {string[][]}
 */
function rowsOf(suites, majors, cells) {
  return [
    ['', ...majors.map((major) => `Node ${major}`)],
    ...suites.map(({ name }) => [
      name,
      ...majors.map((major) => cells.get(`${name} ${major}`) ?? 'left out'),
    ]),
  ];
}

/**
 * @param {readonly string[][]} rows
 * @param {number} column
 */
function widest(rows, column) {
  return Math.max(...rows.map((row) => row[column]?.length ?? 0));
}
