import type { ServerResponse } from 'node:http';

import { type Context, diag } from '@opentelemetry/api';

import { errorText } from './diagnostics.ts';
import { requestIdIn, type RequestIdSettings } from './request-id.ts';

/** Answers with the id of the request, where ids are wanted and its context holds one. */
export function answerRequestId(
  response: ServerResponse,
  active: Context,
  settings: RequestIdSettings | undefined,
): void {
  if (settings === undefined) return;
  const id = requestIdIn(active);
  if (id !== undefined) answerHeader(response, settings.header, id);
}

/**
 * Answers with a header, at once, so that the application sees it. What the application sets itself stays, and so does
 * what has been sent.
 */
export function answerHeader(response: ServerResponse, name: string, value: string): void {
  setWhereAbsent(response, name, value);
  // A framework may take all headers back for an error, which is the answer whose id people ask for most.
  const { writeHead } = response;
  // Not written where it is assigned: V8 would make it in the old generation.
  const writeHeadWithId = function (this: ServerResponse, ...head: unknown[]): ServerResponse {
    setWhereAbsent(this, name, value);
    const last = head.length - 1;
    // A header that has been set keeps Node from sending an array as it is: of each name the last would be left.
    if (Array.isArray(head[last])) head[last] = byName(head[last]);
    return Reflect.apply(writeHead, this, head) as ServerResponse;
  };
  response.writeHead = writeHeadWithId;
}

/** Headers given as names and values in turn, or as pairs, with all values of each name. */
function byName(list: readonly unknown[]): Record<string, unknown> {
  const pairs = Array.isArray(list[0])
    ? (list as readonly (readonly unknown[])[])
    : list.flatMap((name, index) => (index % 2 === 0 ? [[name, list[index + 1]]] : []));
  const headers = new Map<string, { readonly name: string; readonly values: unknown[] }>();
  for (const [given, value] of pairs) {
    const name = String(given);
    const header = headers.get(name.toLowerCase()) ?? { name, values: [] };
    header.values.push(...[value].flat());
    headers.set(name.toLowerCase(), header);
  }
  const single = ({
    name,
    values,
  }: {
    readonly name: string;
    readonly values: unknown[];
  }): [string, unknown] => [name, values.length === 1 ? values[0] : values];
  return Object.fromEntries([...headers.values()].map(single));
}

function setWhereAbsent(response: ServerResponse, name: string, value: string): void {
  try {
    if (!response.headersSent && !response.hasHeader(name)) response.setHeader(name, value);
  } catch (error) {
    // A response that an adapter has made, or one whose stream is gone.
    diag.debug(`a request is not answered with ${name}: ${errorText(error)}`);
  }
}
