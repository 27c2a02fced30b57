// The load, in a process of its own. Its parent tells it what to send, and is told when all has been answered.
import { Pool } from 'undici';

/** What is to be sent. */
export interface LoadOrder {
  readonly origin: string;
  readonly path: string;
  /** Sent by POST, as JSON. */
  readonly body?: string;
  readonly requests: number;
  /** Each sends its next request when the one before is answered. */
  readonly connections: number;
  /** Whether this process stays awake while it waits for answers. */
  readonly awake?: boolean;
}

async function run({ origin, path, body, requests, connections, awake }: LoadOrder): Promise<void> {
  const pool = new Pool(origin, { connections, pipelining: 1 });
  const sleep = awake ? stayAwake() : undefined;
  let left = requests;
  const options = {
    origin,
    path,
    method: body === undefined ? ('GET' as const) : ('POST' as const),
    ...(body !== undefined && { body, headers: { 'content-type': 'application/json' } }),
  };
  const send = (): Promise<void> =>
    new Promise((resolve, reject) => {
      pool.dispatch(options, {
        onConnect: () => undefined,
        onHeaders(status) {
          if (status !== 200) reject(new Error(`${origin}${path} answered with ${String(status)}`));
          return true;
        },
        onData: () => true,
        onComplete: () => resolve(),
        onError: reject,
      });
    });
  const work = async (): Promise<void> => {
    while (left-- > 0) await send();
  };
  try {
    await Promise.all(Array.from({ length: connections }, work));
  } finally {
    sleep?.();
    await pool.destroy();
  }
}

/** @returns Ends it. */
function stayAwake(): () => void {
  let awake = true;
  const turn = (): void => {
    if (awake) setImmediate(turn);
  };
  turn();
  return () => {
    awake = false;
  };
}

process.on('message', (order: LoadOrder) => {
  run(order).then(
    () => process.send?.({}),
    (error: unknown) => process.send?.({ failure: String(error) }),
  );
});
// The parent has gone.
process.on('disconnect', () => process.exit());
process.send?.({});
