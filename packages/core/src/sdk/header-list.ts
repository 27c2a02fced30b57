/**
 * The text of a header; several of one name are one list (RFC 7230, section 3.2.2). Undefined for anything else.
 *
 * @param enough Of several no more are put together once they have so many characters.
 */
export function headerList(headers: unknown, enough: number): string | undefined {
  if (typeof headers === 'string') return headers;
  if (!Array.isArray(headers)) return undefined;
  let list: string | undefined;
  for (const each of headers as readonly unknown[]) {
    // A carrier that is not typed may hold anything.
    if (typeof each !== 'string') continue;
    list = list === undefined ? each : `${list},${each}`;
    if (list.length > enough) break;
  }
  return list;
}
