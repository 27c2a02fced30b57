import type { IncomingMessage } from 'node:http';

import {
  type Attributes,
  type Context,
  diag,
  type Span,
  type SpanContext,
  SpanKind,
  type SpanOptions,
  type Tracer,
} from '@opentelemetry/api';

import { addBaggage } from './baggage-attributes.ts';
import { requestHeaders } from './captured-headers.ts';
import { errorText } from './diagnostics.ts';
import type { RequestFacts } from './early-request.ts';
import { requestAttributes, serverSpanName } from './http-attributes.ts';
import type { HttpServerSettings } from './http-server-options.ts';
import { giveAttributes } from './own-attributes.ts';
import { attributesNeededAtStart } from './shared-state.ts';

/** Starts the SERVER span of a request. `startTime` is in milliseconds since the Unix epoch; default: now. */
export type StartServerSpan = (
  message: IncomingMessage,
  facts: RequestFacts,
  target: string,
  path: string,
  parent: Context,
  stranger: SpanContext | undefined,
  startTime?: number,
) => Span;

/** Starts the SERVER spans of one registration of a plugin, with what their requests tell. */
export function serverSpanStart(tracer: Tracer, settings: HttpServerSettings<never>): StartServerSpan {
  return function startSpan(message, facts, target, path, parent, stranger, startTime) {
    const early = attributesNeededAtStart();
    const beginning: SpanOptions = { kind: SpanKind.SERVER };
    if (early) beginning.attributes = attributesOf(settings, message, facts, target, path);
    if (startTime !== undefined) beginning.startTime = startTime;
    if (stranger?.isRemote) beginning.links = [{ context: stranger }];
    const span = tracer.startSpan(serverSpanName(facts.method, undefined), beginning, parent);
    if (!early && span.isRecording()) {
      giveAttributes(span, attributesOf(settings, message, facts, target, path));
    }
    // A provider of the application's own knows nothing of it.
    if (settings.requestId && span.isRecording()) addBaggage(span, parent);
    return span;
  };
}

/** What the request tells, or nothing where even reading it fails: the application shall be the one to find out. */
function attributesOf(
  { redactQuery, headers }: HttpServerSettings<never>,
  message: IncomingMessage,
  facts: RequestFacts,
  target: string,
  path: string,
): Attributes {
  try {
    const attributes = requestAttributes(facts, target, path, redactQuery);
    return headers.request ? { ...attributes, ...headers.request(requestHeaders(message)) } : attributes;
  } catch (error) {
    diag.error(`a server span begins without what its request had to tell: ${errorText(error)}`);
    return {};
  }
}
