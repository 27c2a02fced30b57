/** Key of the id of a request: in baggage, as attribute of spans and as field of log lines. */
export const REQUEST_ID = 'request_id';

const LENGTH_AT_MOST = 128;

/** What is safe as it is in a header, a log line, a shell, a query and baggage; UUIDs, ULIDs and base64 are of it. */
const FORM = /^[\w\-.~:+/=@|]+$/;

/** Whether a value, wherever it comes from, may be the id of a request. */
export function isRequestId(value: unknown): value is string {
  return typeof value === 'string' && value.length <= LENGTH_AT_MOST && FORM.test(value);
}
