/** Bounds of what one request may bring. */
export interface OtlpLimits {
  /**
   * Bytes of the body, packed and unpacked alike. The request is refused (413). Default: 20 MiB, as the
   * specification recommends.
   */
  readonly bodyBytes?: number;
  /** Milliseconds until the body is here. The request is refused (408). Default: 30 000. */
  readonly bodyMillis?: number;
  /** Spans or log records. The request is refused (413). Default: 100 000. */
  readonly records?: number;
  /**
   * Attributes of each: span, event, link, log record, resource. The span or log record is refused, or all those
   * of the resource. Default: 1000.
   */
  readonly attributes?: number;
  /**
   * Characters of each text: a name, an attribute's value, the body of a log record; of what is no text in its form as
   * JSON. The span or log record is refused. Default: 1 048 576.
   */
  readonly textLength?: number;
  /** Events of a span. The span is refused. Default: 10 000. */
  readonly events?: number;
  /** Links of a span. The span is refused. Default: 10 000. */
  readonly links?: number;
}

/** Those that hold for what a body says. */
export type RecordLimits = Omit<Required<OtlpLimits>, 'bodyBytes' | 'bodyMillis'>;

const DEFAULTS: Required<OtlpLimits> = {
  bodyBytes: 20 * 1024 * 1024,
  bodyMillis: 30_000,
  records: 100_000,
  attributes: 1000,
  textLength: 1024 * 1024,
  events: 10_000,
  links: 10_000,
};

/** What a file may hold: it is opened by hand, so that its size is known and wanted. */
export const NO_LIMITS: RecordLimits = {
  records: Infinity,
  attributes: Infinity,
  textLength: Infinity,
  events: Infinity,
  links: Infinity,
};

/** @throws TypeError for a limit that is no whole number above 0. */
export function completeLimits(limits: OtlpLimits = {}): Required<OtlpLimits> {
  for (const [name, value] of Object.entries(limits)) {
    if (value === undefined || (Number.isSafeInteger(value) && value > 0)) continue;
    throw new TypeError(`limits.${name}: expected a whole number above 0, got ${String(value)}`);
  }
  const given = Object.entries(limits).filter(([, value]) => value !== undefined);
  return { ...DEFAULTS, ...Object.fromEntries(given) };
}
