import { type Attributes, type Context, diag, type Span, SpanKind } from '@opentelemetry/api';
import { attributesNeededAtStart } from '@org/tracing-core';

import { connectionAttributes, type ConnectionParameters } from './connection-attributes.ts';
import type { PgSettings } from './options.ts';
import { recordParameterValues } from './parameter-values.ts';
import type { QueryCall } from './query-call.ts';
import { recordQueryError } from './query-error.ts';
import { describeSql } from './sql-description.ts';
import { tracer } from './tracer.ts';

/** The span of a query that is under way. It ends once, whatever is told twice. */
export class QuerySpan {
  readonly #span: Span;
  readonly #settings: PgSettings;
  #open = true;

  constructor(span: Span, settings: PgSettings) {
    this.#span = span;
    this.#settings = settings;
  }

  /** @param data pg's result, where there is one to show. */
  succeed(data?: unknown): void {
    if (!this.#open) return;
    this.#open = false;
    const { responseHook } = this.#settings;
    if (responseHook && data !== undefined) {
      harmless('responseHook', () => responseHook(this.#span, { data }));
    }
    this.#span.end();
  }

  fail(error: unknown): void {
    if (!this.#open) return;
    this.#open = false;
    recordQueryError(this.#span, error);
    this.#span.end();
  }
}

/** Starts the span of a query; undefined where it is not recorded. */
export function startQuerySpan(
  call: QueryCall,
  parameters: ConnectionParameters,
  caller: Context,
  settings: PgSettings,
): QuerySpan | undefined {
  const span = startSpan(call, parameters, caller, settings);
  if (!span.isRecording()) return undefined;
  const { parameterValues, requestHook } = settings;
  if (parameterValues && call.values) recordParameterValues(span, call.values, parameterValues);
  if (requestHook) {
    const { text, name: statement, values } = call;
    const { host, port, database, user } = parameters;
    const request = { query: { text, name: statement, values }, connection: { host, port, database, user } };
    harmless('requestHook', () => requestHook(span, request));
  }
  return new QuerySpan(span, settings);
}

function startSpan(
  call: QueryCall,
  parameters: ConnectionParameters,
  caller: Context,
  settings: PgSettings,
): Span {
  const kind = SpanKind.CLIENT;
  if (attributesNeededAtStart()) {
    const { name, attributes } = description(call, parameters, settings);
    return tracer.startSpan(name, { kind, attributes }, caller);
  }
  const span = tracer.startSpan('postgresql', { kind }, caller);
  if (span.isRecording()) {
    const { name, attributes } = description(call, parameters, settings);
    span.updateName(name).setAttributes(attributes);
  }
  return span;
}

function description(
  call: QueryCall,
  parameters: ConnectionParameters,
  settings: PgSettings,
): { name: string; attributes: Attributes } {
  const attributes = connectionAttributes(parameters);
  const name = describe(call, attributes, settings) || targetName(attributes);
  return { name, attributes };
}

/** Adds what is known of the query; gives its summary, which is the span's name. */
function describe(call: QueryCall, attributes: Attributes, { queryText }: PgSettings): string | undefined {
  const { text, name, values } = call;
  const sql = text === undefined ? undefined : describeSql(text);
  // Whoever named a statement has said what it is about.
  const summary = name ?? sql?.summary;
  if (summary) attributes['db.query.summary'] = summary;
  if (name !== undefined) attributes['db.postgresql.plan'] = name;
  if (queryText && sql) {
    const hasParameters = values !== undefined && values.length > 0;
    attributes['db.query.text'] = hasParameters ? text : sql.redacted;
  }
  return summary;
}

/** Name of a span whose query says nothing: semantic conventions, docs/db/database-spans.md, "Name". */
function targetName(attributes: Attributes): string {
  const { 'db.namespace': database, 'server.address': host, 'server.port': port } = attributes;
  if (database !== undefined) return String(database);
  if (host === undefined) return 'postgresql';
  return port === undefined ? String(host) : `${String(host)}:${String(port)}`;
}

function harmless(hook: string, run: () => void): void {
  try {
    run();
  } catch (error) {
    diag.error(`tracePg: the ${hook} threw, which changes nothing: ${String(error)}`);
  }
}
