import type { IncomingMessage, ServerResponse } from 'node:http';

import type { Problem } from './api.ts';
import { RequestProblem } from './request-problem.ts';

/** Answers with JSON, which no cache keeps. */
export function answerJson(response: ServerResponse, body: object, status = 200): void {
  const bytes = Buffer.from(JSON.stringify(body));
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': bytes.length,
    'cache-control': 'no-store',
  });
  response.end(bytes);
}

/** Answers with what went wrong; where an answer has begun, it is cut off. */
export function answerProblem(response: ServerResponse, error: unknown): void {
  if (response.headersSent) return void response.destroy();
  const problem: Problem = { error: error instanceof Error ? error.message : String(error) };
  if (error instanceof RequestProblem && error.allow) response.setHeader('allow', error.allow);
  answerJson(response, problem, error instanceof RequestProblem ? error.status : 500);
}

/**
 * The body of a request. What is too long is read to its end and thrown away, since a client that is still
 * sending hears no answer.
 *
 * @throws RequestProblem (413) where it has more than `limitBytes`.
 */
export async function readBody(request: IncomingMessage, limitBytes: number): Promise<Buffer> {
  let chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length <= limitBytes) chunks.push(chunk);
    else chunks = [];
  }
  if (length > limitBytes) {
    throw new RequestProblem(413, `the body has more than the ${limitBytes} bytes that are taken`);
  }
  return Buffer.concat(chunks, length);
}
