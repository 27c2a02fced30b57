/** A header as it was given: in any case, and with one value or an array of them. */
export type HeaderField = readonly [name: string, value: unknown];

/** The values of each header, by its name in lower case, in the order in which they were given. */
export function groupHeaders(fields: Iterable<HeaderField>): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const [key, value] of fields) {
    const name = key.toLowerCase();
    const values = groups.get(name) ?? [];
    values.push(...[value].flat().map(String));
    groups.set(name, values);
  }
  return groups;
}
