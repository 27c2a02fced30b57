import type { Verdict } from './verdict.ts';

/** A table in Markdown, one line a soak. */
export function table(verdicts: readonly Verdict[]): string {
  const rows = verdicts.map((verdict) => [
    verdict.plugin,
    count(verdict.requests),
    count(verdict.aborts),
    count(verdict.errors),
    verdict.seconds.toFixed(0),
    `${megabytes(verdict.heapFirst)} → ${megabytes(verdict.heapLast)}`,
    verdict.slope.toFixed(2),
    count(verdict.started),
    count(verdict.ended),
    `${resources(verdict.resourcesBefore)} → ${resources(verdict.resourcesAfter)}`,
    verdict.faults.length === 0 ? 'passed' : 'failed',
  ]);
  const heads = [
    'plugin',
    'requests',
    'aborts',
    'errors',
    's',
    'heap, MB',
    'bytes a request',
    'started',
    'ended',
  ];
  const lines = [[...heads, 'handles and timers', 'verdict'], ...rows];
  const widths = lines[0]?.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  const drawn = lines.map(
    (line) => `| ${line.map((cell, at) => cell.padEnd(widths?.[at] ?? 0)).join(' | ')} |`,
  );
  const rule = `| ${widths?.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return [drawn[0], rule, ...drawn.slice(1)].join('\n');
}

function count(number: number): string {
  return number.toLocaleString('en');
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(2);
}

/** All of them in one number: where it changes, the faults name which. */
function resources(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, each) => sum + each, 0);
}
