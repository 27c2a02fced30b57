import type { Behaviour } from './behaviour.ts';

/** How many spans wait at most, beside those of the one batch that is on its way. */
export interface Queue {
  readonly size: number;
  readonly batch: number;
}

/** A way in which a collector fails, and what is promised then. */
export interface Fault {
  /** For `--only`. */
  readonly name: string;
  /** What the collector does, for the tables. */
  readonly title: string;
  /** What is behind the endpoint: HTTP, HTTPS, or a name that does not resolve, where nothing ever comes. */
  readonly endpoint: 'http' | 'https' | 'nowhere';
  readonly behaviour: Behaviour;
  /**
   * Of the spans that end meanwhile: `kept`, where the queue has room for them, until the collector is well again;
   * `held`, as many as the queue has room for; `refused`, given up at once, as the answer asks for.
   */
  readonly promise: 'held' | 'kept' | 'refused';
  /** What `promise` needs that the defaults do not give. */
  readonly queue?: Queue;
  /** How long it lasts, beside other faults. Default: 1. */
  readonly length?: number;
}

const RETRY_AFTER_SECONDS = 3;
const SMALL_QUEUE: Queue = { size: 512, batch: 128 };
const LARGE_QUEUE: Queue = { size: 4096, batch: 512 };

/** Every fault of the lab; the first is none, to compare with. */
export const FAULTS: readonly Fault[] = [
  fault('none', 'none: everything is taken', { does: 'accept' }, 'kept'),
  fault('refused', 'refuses connections', { does: 'refuse' }, 'kept'),
  {
    ...fault(
      'refused-small-queue',
      'refuses connections; the queue is too small',
      { does: 'refuse' },
      'held',
    ),
    queue: SMALL_QUEUE,
  },
  fault('flapping', 'up and down every second', { does: 'flap', everyMillis: 1000 }, 'kept'),
  fault('no-answer', 'accepts and never answers', { does: 'hang' }, 'kept'),
  {
    ...fault('late-answer', 'answers after 30 s', { does: 'delay', millis: 30_000 }, 'kept'),
    queue: LARGE_QUEUE,
    length: 2,
  },
  fault('reset-request', 'resets in the middle of the request', { does: 'reset-request' }, 'kept'),
  fault('closed', 'closes without an answer', { does: 'close' }, 'kept'),
  fault(
    'cut-response',
    'takes all, and closes in the middle of its answer',
    { does: 'cut-response' },
    'kept',
  ),
  fault('status-400', '400', { does: 'status', status: 400 }, 'refused'),
  fault('status-401', '401', { does: 'status', status: 401 }, 'refused'),
  fault('status-413', '413', { does: 'status', status: 413 }, 'refused'),
  fault('status-429', `429, \`Retry-After\` in seconds`, retryAfter(429, 'seconds'), 'kept'),
  fault('status-503', `503, \`Retry-After\` in seconds`, retryAfter(503, 'seconds'), 'kept'),
  fault('status-503-date', `503, \`Retry-After\` as a date`, retryAfter(503, 'date'), 'kept'),
  fault('partial-success', 'rejects 5 spans of each request', { does: 'reject', spans: 5 }, 'refused'),
  {
    ...fault('bad-certificate', 'shows a certificate nobody trusts', { does: 'strange-certificate' }, 'kept'),
    endpoint: 'https',
  },
  {
    ...fault('unknown-name', 'its name does not resolve; the queue is too small', { does: 'accept' }, 'held'),
    endpoint: 'nowhere',
    queue: SMALL_QUEUE,
  },
];

function fault(name: string, title: string, behaviour: Behaviour, promise: Fault['promise']): Fault {
  return { name, title, endpoint: 'http', behaviour, promise };
}

function retryAfter(status: number, as: 'seconds' | 'date'): Behaviour {
  return { does: 'status', status, retryAfter: { seconds: RETRY_AFTER_SECONDS, as } };
}
