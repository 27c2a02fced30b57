import { type Attributes, type Context, type Span, SpanKind } from '@opentelemetry/api';
import { attributesNeededAtStart, giveAttributes } from '@org/tracing-core';

import { connectionAttributes, type ConnectionParameters } from './connection-attributes.ts';
import type { PgSettings } from './options.ts';
import { recordParameterValues } from './parameter-values.ts';
import { addPoolWait } from './pool-wait.ts';
import type { QueryCall } from './query-call.ts';
import { measureQuery } from './query-duration.ts';
import { harmless, RunningQuery } from './running-query.ts';
import { describeSql } from './sql-description.ts';
import { shortened } from './sql-summary.ts';
import { tracer } from './tracer.ts';

/** A client of pg, as far as it tells about itself. */
export interface QueryingClient {
  readonly connectionParameters?: ConnectionParameters;
}

/** Starts the span of a query, its measurement, or both; undefined where neither is wanted. */
export function startQuery(
  call: QueryCall,
  client: QueryingClient,
  caller: Context,
  settings: PgSettings,
  wanted: { readonly span: boolean; readonly duration: boolean },
): RunningQuery | undefined {
  const parameters = client.connectionParameters ?? {};
  const span = wanted.span ? startSpan(call, client, parameters, caller, settings) : undefined;
  const measured = wanted.duration ? measureQuery(parameters, summaryOf(call)) : undefined;
  if (span === undefined) return measured && new RunningQuery(undefined, measured, settings);

  const { parameterValues, requestHook } = settings;
  if (parameterValues && call.values) recordParameterValues(span, call.values, parameterValues);
  if (requestHook) {
    const { text, name: statement, values } = call;
    const { host, port, database, user } = parameters;
    const request = { query: { text, name: statement, values }, connection: { host, port, database, user } };
    harmless('requestHook', () => requestHook(span, request));
  }
  return new RunningQuery(span, measured, settings);
}

/** Undefined where the span is not recorded. */
function startSpan(
  call: QueryCall,
  client: QueryingClient,
  parameters: ConnectionParameters,
  caller: Context,
  settings: PgSettings,
): Span | undefined {
  const kind = SpanKind.CLIENT;
  if (attributesNeededAtStart()) {
    const { name, attributes } = description(call, parameters, settings);
    addPoolWait(attributes, client, caller);
    const span = tracer.startSpan(name, { kind, attributes }, caller);
    return span.isRecording() ? span : undefined;
  }
  const span = tracer.startSpan('postgresql', { kind }, caller);
  if (!span.isRecording()) return undefined;
  const { name, attributes } = description(call, parameters, settings);
  addPoolWait(attributes, client, caller);
  span.updateName(name);
  giveAttributes(span, attributes);
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

/** Whoever named a statement has said what it is about. */
function summaryOf({ text, name }: QueryCall): string | undefined {
  if (name !== undefined) return shortened(name);
  return text === undefined ? undefined : describeSql(text).summary;
}

/** Adds what is known of the query; gives its summary, which is the span's name. */
function describe(call: QueryCall, attributes: Attributes, { queryText }: PgSettings): string | undefined {
  const { text, name, values } = call;
  const sql = text === undefined ? undefined : describeSql(text);
  const summary = name === undefined ? sql?.summary : shortened(name);
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
