import type { Columns } from './columns.ts';

/** The spans whose name, service or id has a text in it, whatever its case; none for no text. */
export function spansWith(columns: Columns, text: string): Int32Array {
  const wanted = text.trim().toLowerCase();
  if (wanted === '') return new Int32Array(0);
  // Many spans share a name: each is looked at once.
  const has = (value: string): boolean => value.toLowerCase().includes(wanted);
  const names = columns.names.map(has);
  const services = columns.services.map(has);
  const maybeId = /^[0-9a-f]{4,16}$/.test(wanted);
  const found = new Int32Array(columns.count);
  let length = 0;
  for (let index = 0; index < columns.count; index += 1) {
    const matches =
      names[columns.name[index] as number] === true ||
      services[columns.service[index] as number] === true ||
      (maybeId && (columns.id[index] as string).includes(wanted));
    if (!matches) continue;
    found[length] = index;
    length += 1;
  }
  return found.slice(0, length);
}

/** The place in `found` of the first span from `span` on, or of the last one before it; it starts anew at the end. */
export function nextFound(found: Int32Array, span: number, step: 1 | -1): number {
  if (found.length === 0) return -1;
  if (step === 1) {
    const place = found.findIndex((index) => index > span);
    return place < 0 ? 0 : place;
  }
  const place = found.findLastIndex((index) => index < span);
  return place < 0 ? found.length - 1 : place;
}
