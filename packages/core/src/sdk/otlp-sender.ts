import type { ReadableSpan } from '@opentelemetry/sdk-trace';

import { connectionHint, statusHint } from './export-hint.ts';
import { createGrpcSender } from './grpc-sender.ts';
import { spansToJson } from './otlp-json.ts';
import { AnswerTooLarge, NoAnswer, type OtlpAnswer, otlpRequest } from './otlp-request.ts';
import { type PartialSuccess, readJsonResponse, readProtobufResponse } from './otlp-response.ts';
import type { OtlpSettings } from './otlp-settings.ts';
import { writeTraceRequest } from './otlp-trace-request.ts';
import { postByChild } from './post-by-child.ts';
import { addressOf } from '../one-line.ts';
import { causeOf, told } from './export-cause.ts';
import { type PackedSpan, SpanPacker } from './span-packer.ts';
import type { ExportOutcome, SpanSender } from './span-sender.ts';

/** The OTLP sender for the settings; undefined, and one message, where the package that it needs is missing. */
export function createOtlpSender(settings: OtlpSettings): SpanSender<object> | undefined {
  if (settings.protocol === 'grpc') return createGrpcSender(settings);
  if (settings.protocol === 'http/json') return createHttpSender(settings, JSON_FORM);
  const packer = new SpanPacker();
  return {
    ...createHttpSender(settings, PROTOBUF_FORM),
    keep: (span) => packer.pack(span),
    release: (spans: readonly PackedSpan[]) => packer.release(spans),
  };
}

/** One of the two forms in which OTLP travels over HTTP, made of what is kept of spans. */
interface Form<Kept> {
  readonly contentType: string;
  write(spans: readonly Kept[]): Uint8Array;
  read(body: Buffer): PartialSuccess;
}

const JSON_FORM: Form<ReadableSpan> = {
  contentType: 'application/json',
  write: spansToJson,
  read: readJsonResponse,
};
const PROTOBUF_FORM: Form<PackedSpan> = {
  contentType: 'application/x-protobuf',
  write: writeTraceRequest,
  read: readProtobufResponse,
};

/** Bytes of a request at most, unpacked (S7). */
const REQUEST_AT_MOST = 64 * 1024 * 1024;

/** Which answers mean that the same request may be sent again (S7, Failures). */
const TRANSIENT: readonly number[] = [429, 502, 503, 504];
const CONTENT_TOO_LARGE = 413;
const TOO_MANY_REQUESTS = 429;

const PAGE_HINT = 'Is that the port of a user interface? 4318 is usual for OTLP over HTTP';

function createHttpSender<Kept extends object>(settings: OtlpSettings, form: Form<Kept>): SpanSender<Kept> {
  const { post, close } = otlpRequest(settings, form.contentType);
  return {
    name: 'otlp',
    address: addressOf(settings.url),
    async send(spans, attempt) {
      const body = serialize(form, spans);
      if (!(body instanceof Uint8Array)) return body;
      const timeoutMillis = Math.min(attempt.timeoutMillis, settings.timeoutMillis);
      try {
        return outcomeOf(await post(body, { ...attempt, timeoutMillis }), form);
      } catch (error) {
        if (attempt.signal.aborted) return { kind: 'failed', cause: 'no answer in the time that was left' };
        if (error instanceof AnswerTooLarge) return { kind: 'refused', cause: causeOf(error) };
        const { cause: reason, wasSent } =
          error instanceof NoAnswer ? error : { cause: error, wasSent: false };
        return { kind: 'failed', cause: causeOf(reason), wasSent, ...hinted(connectionHint(reason)) };
      }
    },
    sendAtOnce(spans) {
      const body = serialize(form, spans);
      return body instanceof Uint8Array && postByChild(settings, form.contentType, body);
    },
    shutdown: async () => close(),
  };
}

function serialize<Kept>(form: Form<Kept>, spans: readonly Kept[]): Uint8Array | ExportOutcome {
  try {
    const body = form.write(spans);
    if (body.length <= REQUEST_AT_MOST) return body;
    return {
      kind: 'too large',
      cause: `the request has ${body.length} bytes, ${REQUEST_AT_MOST} are allowed`,
    };
  } catch (error) {
    // One of them is enough for that.
    return { kind: 'too large', cause: `they cannot be serialized: ${causeOf(error)}` };
  }
}

function outcomeOf(
  { status, body, contentType, retryAfterMillis }: OtlpAnswer,
  form: Pick<Form<unknown>, 'read'>,
): ExportOutcome {
  const isPage = contentType?.startsWith('text/html') === true;
  if (status >= 200 && status < 300) {
    if (!isPage) return { kind: 'delivered', ...rejection(body, form) };
    return { kind: 'refused', cause: `HTTP ${status} with a web page`, hint: PAGE_HINT };
  }
  const text = isPage ? '' : told(body.toString());
  const cause = `HTTP ${status}${text === '' || text === '{}' ? '' : ` (${text})`}`;
  const hint = hinted(statusHint(status));
  if (TRANSIENT.includes(status)) {
    const retry = retryAfterMillis === undefined ? {} : { retryAfterMillis };
    // A gateway answers so for a receiver that a request has broken.
    return { kind: 'failed', cause, wasSent: status !== TOO_MANY_REQUESTS, ...hint, ...retry };
  }
  return { kind: status === CONTENT_TOO_LARGE ? 'too large' : 'refused', cause, ...hint };
}

/** What a receiver that took the request did not take of it: `partial_success` (S7). */
function rejection(body: Buffer, form: Pick<Form<unknown>, 'read'>): { rejected?: number; cause?: string } {
  try {
    const { rejected, message } = form.read(body);
    const cause = told(message);
    return { ...(rejected > 0 && { rejected }), ...(cause !== '' && { cause }) };
  } catch {
    // It took them, whatever it wanted to say: `OK`, say.
    return {};
  }
}

function hinted(hint: string | undefined): { hint?: string } {
  return hint === undefined ? {} : { hint };
}
