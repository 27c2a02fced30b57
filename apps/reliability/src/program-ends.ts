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
  throw: 'uncaught exception',
  terminate: '`worker.terminate()`',
} as const;
export type End = keyof typeof ENDS;

/** The signal by which it ends; undefined where it is told to end by a message. */
export function signalOf(end: End): 'SIGINT' | 'SIGTERM' | undefined {
  if (end === 'sigint') return 'SIGINT';
  return end === 'sigterm' || end.startsWith('handler-') ? 'SIGTERM' : undefined;
}

/** The ends that there are in that place: a thread gets no signals, and nothing but a thread is terminated. */
export function endsOf(place: Place): readonly End[] {
  const all = Object.keys(ENDS) as End[];
  return all.filter((end) =>
    place === 'worker thread' ? end === 'sigterm' || signalOf(end) === undefined : end !== 'terminate',
  );
}

/** Spans that the program makes, all of them before it says that it is ready. */
export const SPAN_COUNT = 100;
