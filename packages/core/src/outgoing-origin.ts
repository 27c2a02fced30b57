/** Where a URL goes, apart from its path. */
export interface Origin {
  readonly scheme: 'http' | 'https';
  /** A name or an address, one of IPv6 without brackets. */
  readonly host: string;
  /** 0 where it names none. */
  readonly port: number;
}

/** Services that are called are few; a crawler calls many, hence a bound. */
const MOST_KEPT = 200;

const kept = new Map<string, Origin>();

/** Up to the path, and nothing in it that would have to be decoded, or is a secret. */
const PLAIN_ORIGIN = /^https?:\/\/[a-z\d][a-z\d.-]{0,253}(?::\d{1,5})?$/;

/**
 * Takes a URL apart. What it is up to its path, `http://inventory:8080`, is looked up where it was seen lately.
 *
 * @throws TypeError where it is no URL.
 */
export function originOf(url: string): Origin {
  // A backslash is a slash, and a query may follow the host at once: such a beginning is not plain.
  const slash = url.indexOf('/', 8);
  const beginning = slash === -1 ? url : url.slice(0, slash);
  const known = kept.get(beginning);
  if (known !== undefined) return known;
  if (!PLAIN_ORIGIN.test(beginning)) return parsed(new URL(url));
  const origin = parsed(new URL(beginning));
  keep(beginning, origin);
  return origin;
}

/** The host of a URL as an address: IPv6 without its brackets. */
export function hostAddress(hostname: string): string {
  return hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
}

function parsed({ protocol, hostname, port }: URL): Origin {
  return {
    scheme: protocol === 'https:' ? 'https' : 'http',
    host: hostAddress(hostname),
    port: Number(port),
  };
}

function keep(beginning: string, origin: Origin): void {
  if (kept.size >= MOST_KEPT) kept.clear();
  // In a text that does not hold on to the whole URL.
  kept.set(Buffer.from(beginning).toString(), origin);
}
