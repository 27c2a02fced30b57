/**
 * Whether a version is in the range that a plugin's package.json gives for its peer: `>=4.23 <6`, or any number of such
 * bounds. A version or range of another form is in none.
 *
 * A version before a release (`6.0.0-beta.1`) counts as that release: it is made like it.
 */
export function isSupported(version: string, range: string): boolean {
  const numbers = numbersOf(version);
  return (
    numbers !== undefined &&
    range.split(' ').every((bound) => {
      const [, comparator, limit = ''] = /^(>=|<)(.+)$/.exec(bound) ?? [];
      const limits = numbersOf(limit);
      return limits !== undefined && isBelow(numbers, limits) === (comparator === '<');
    })
  );
}

function numbersOf(version: string): readonly number[] | undefined {
  const [, numbers] = /^(\d+(?:\.\d+){0,2})(?:-|$)/.exec(version) ?? [];
  return numbers?.split('.').map(Number);
}

function isBelow(numbers: readonly number[], limits: readonly number[]): boolean {
  for (const index of [0, 1, 2]) {
    const difference = (numbers[index] ?? 0) - (limits[index] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}
