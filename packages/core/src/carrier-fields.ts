import type { CarrierAdapter } from './carrier.ts';

/** The fields of a carrier of any shape, by name. Each may throw where the carrier does. */
export interface CarrierFields {
  get(name: string): unknown;
  set(name: string, value: string): void;
  delete(name: string): void;
  keys(): string[];
}

/** The text of a column that holds a carrier is short; that of a whole payload is not parsed for it. */
const MAX_TEXT_LENGTH = 65_536;

/** So many names are looked at for one in another case: an object with more is no list of headers. */
const MAX_KEYS = 1000;

/**
 * How to get at the fields of a carrier; undefined for what is none.
 *
 * @throws Error where a text is too long or not the JSON of an object, and whatever a getter of the carrier throws.
 */
export function carrierFields(carrier: unknown): CarrierFields | undefined {
  if (typeof carrier === 'string') return fieldsOfText(carrier);
  if (typeof carrier !== 'object' || carrier === null) return undefined;
  if (Array.isArray(carrier)) throw new TypeError('an array is no carrier, an adapter { get, set, keys } is');
  return isAdapter(carrier) ? fieldsOfAdapter(carrier) : fieldsOfObject(carrier as Record<string, unknown>);
}

function fieldsOfText(text: string): CarrierFields | undefined {
  if (text === '') return undefined;
  if (text.length > MAX_TEXT_LENGTH)
    throw new RangeError(`a text of more than ${MAX_TEXT_LENGTH} characters`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's message quotes the text, which may be secret.
    throw new SyntaxError('a text that is no JSON');
  }
  if (value === null) return undefined;
  if (typeof value !== 'object' || Array.isArray(value))
    throw new TypeError('a text that is no JSON of an object');
  return fieldsOfObject(value as Record<string, unknown>);
}

/** `Map`, `Headers` and the like have the same three. An object of headers has none that are functions. */
function isAdapter(carrier: object): carrier is CarrierAdapter {
  const { get, set, keys } = carrier as Partial<CarrierAdapter>;
  return typeof get === 'function' && typeof set === 'function' && typeof keys === 'function';
}

function fieldsOfAdapter(adapter: CarrierAdapter): CarrierFields {
  const names = knownNames(() => adapter.keys());
  return {
    get: (name) => adapter.get(name) ?? adapter.get(names.find(name) ?? name),
    set: (name, value) => void adapter.set(names.find(name) ?? name, value),
    delete(name) {
      const known = names.find(name);
      if (known !== undefined) adapter.delete?.(known);
    },
    keys: names.all,
  };
}

function fieldsOfObject(carrier: Record<string, unknown>): CarrierFields {
  const names = knownNames(() => Object.keys(carrier));
  const find = (name: string): string | undefined => (Object.hasOwn(carrier, name) ? name : names.find(name));
  return {
    get(name) {
      const known = find(name);
      return known === undefined ? undefined : carrier[known];
    },
    set(name, value) {
      carrier[find(name) ?? name] = value;
    },
    delete(name) {
      const known = find(name);
      if (known !== undefined) delete carrier[known];
    },
    keys: names.all,
  };
}

/** The names as the carrier writes them, read once: no second `traceparent` beside a `Traceparent`. */
function knownNames(keys: () => Iterable<string>): {
  all(): string[];
  find(name: string): string | undefined;
} {
  let known: string[] | undefined;
  function all(): string[] {
    if (known !== undefined) return known;
    known = [];
    for (const key of keys()) {
      if (known.push(String(key)) === MAX_KEYS) break;
    }
    return known;
  }
  return {
    all,
    find: (name) => all().find((key) => key === name) ?? all().find((key) => key.toLowerCase() === name),
  };
}
