import type { ServerResponse } from 'node:http';

import { diag } from '@opentelemetry/api';

import { errorText } from './diagnostics.ts';

/**
 * Answers with a header, at once, so that the application sees it. What the application sets itself stays, and so does
 * what has been sent.
 */
export function answerHeader(response: ServerResponse, name: string, value: string): void {
  setWhereAbsent(response, name, value);
  // Koa takes all headers back for an error, which is the answer whose id people ask for most.
  const { writeHead } = response;
  response.writeHead = function writeHeadWithId(this: ServerResponse, ...head: unknown[]): ServerResponse {
    setWhereAbsent(this, name, value);
    return Reflect.apply(writeHead, this, head) as ServerResponse;
  };
}

function setWhereAbsent(response: ServerResponse, name: string, value: string): void {
  try {
    if (!response.headersSent && !response.hasHeader(name)) response.setHeader(name, value);
  } catch (error) {
    // A response that an adapter has made, or one whose stream is gone.
    diag.debug(`a request is not answered with ${name}: ${errorText(error)}`);
  }
}
