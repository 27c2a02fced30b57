import { sharedState } from './shared-state.ts';

/** A request whose SERVER span is open. It is a link of the chain of all of them. */
export interface OpenRequest {
  /** Ends the span now, marked by its `error.type`, since nobody will see the end of the request. */
  endEarly(): void;
  earlier?: OpenRequest | undefined;
  later?: OpenRequest | undefined;
}

/** Holds the requests that are open; cheaper than a Set, which hashes each. */
export class OpenRequests {
  #latest: OpenRequest | undefined;

  get isEmpty(): boolean {
    return this.#latest === undefined;
  }

  add(request: OpenRequest): void {
    const earlier = this.#latest;
    request.earlier = earlier;
    if (earlier !== undefined) earlier.later = request;
    this.#latest = request;
  }

  /** Of one that was never added too. */
  delete(request: OpenRequest): void {
    const { earlier, later } = request;
    if (later !== undefined) later.earlier = earlier;
    else if (this.#latest === request) this.#latest = earlier;
    if (earlier !== undefined) earlier.later = later;
    request.earlier = undefined;
    request.later = undefined;
  }

  /** Ends all of them, the oldest first. */
  endEarly(): void {
    const all: OpenRequest[] = [];
    for (let request = this.#latest; request !== undefined; request = request.earlier) all.push(request);
    for (const request of all.toReversed()) request.endEarly();
  }
}

/** The requests whose spans are to be ended with the process; undefined where nobody wants that. */
export function openRequests(): OpenRequests | undefined {
  return sharedState().openRequests;
}

/** Has every request that begins remembered until it ends. @returns Ends the spans of those that have not. */
export function rememberRequests(): () => void {
  const open = new OpenRequests();
  sharedState().openRequests = open;
  return () => open.endEarly();
}
