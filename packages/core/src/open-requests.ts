import { sharedState } from './shared-state.ts';

/** A request whose SERVER span is open. */
export interface OpenRequest {
  /** Ends the span now, marked by its `error.type`, since nobody will see the end of the request. */
  endEarly(): void;
}

/** The requests whose spans are to be ended with the process; undefined where nobody wants that. */
export function openRequests(): Set<OpenRequest> | undefined {
  return sharedState().openRequests;
}

/** Has every request that begins remembered until it ends. @returns Ends the spans of those that have not. */
export function rememberRequests(): () => void {
  const open = new Set<OpenRequest>();
  sharedState().openRequests = open;
  return () => {
    for (const request of open) request.endEarly();
  };
}
