import type { ImportResult } from './api.ts';
import { RequestProblem } from './request-problem.ts';
import type { StoredTrace } from './stored-trace.ts';
import type { TraceStore } from './trace-store.ts';

/** Longest text of a file that is imported over HTTP. */
export const IMPORT_LIMIT_BYTES: number = 256 * 1024 * 1024;

export function traceFile(_: StoredTrace): string {
  throw new RequestProblem(501, 'export is not there yet');
}

export function importTraces(_: string, __: TraceStore): ImportResult {
  throw new RequestProblem(501, 'import is not there yet');
}
