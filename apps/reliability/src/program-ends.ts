/** Where the spans are made. */
export const PLACES = ['process', 'cluster worker', 'worker thread'] as const;
export type Place = (typeof PLACES)[number];

/** How a program comes to its end. */
export const ENDS = {
  sigterm: 'SIGTERM',
  sigint: 'SIGINT',
  'handler-closes': 'SIGTERM; its handler closes the server',
  'handler-exits': 'SIGTERM; its handler calls `process.exit(0)`',
  'handler-awaits': 'SIGTERM; its handler awaits `shutdown()`, then exits with 0',
  idle: 'nothing left to do',
  exit: '`process.exit(3)`',
  'exit-flushed': '`process.exit(3)`, with `flushOnCrash`',
  throw: 'uncaught exception',
  'throw-flushed': 'uncaught exception, with `flushOnCrash`',
  terminate: '`worker.terminate()`',
  'sigterm-alone': 'SIGTERM, where the main thread has no tracing',
} as const;
export type End = keyof typeof ENDS;

/** The signal by which it ends; undefined where it is told to end by a message. */
export function signalOf(end: End): 'SIGINT' | 'SIGTERM' | undefined {
  if (end === 'sigint') return 'SIGINT';
  return end.startsWith('sigterm') || end.startsWith('handler-') ? 'SIGTERM' : undefined;
}

const ONLY_THREADS: readonly End[] = ['terminate', 'sigterm-alone'];

/** The ends that there are in that place: a thread gets no signals, only its process does. */
export function endsOf(place: Place): readonly End[] {
  const all = Object.keys(ENDS) as End[];
  return all.filter((end) =>
    place === 'worker thread'
      ? end.startsWith('sigterm') || signalOf(end) === undefined
      : !ONLY_THREADS.includes(end),
  );
}

/** Spans that the program makes, all of them before it says that it is ready. */
export const SPAN_COUNT = 100;
