/** Where a span was started, as V8 has captured it; text only where it is asked for. */
export interface Place {
  readonly stack?: unknown;
}

/** Frames that are captured: those of the kit and of OpenTelemetry come first. */
const CAPTURED = 30;

/** Frames that are told. */
const TOLD = 3;

/** The stack as it is now, from the caller of `below` on. */
export function rememberPlace(below: (...args: never[]) => unknown): Place {
  const place: Place = {};
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = CAPTURED;
  try {
    Error.captureStackTrace(place, below);
  } finally {
    Error.stackTraceLimit = limit;
  }
  return place;
}

/** Where the packages of the kit are; undefined in a bundle of an application, where the application is in the same file. */
const [, packages] =
  /^file:\/\/(.*\/)[^/]+\/(?:dist\/tracing-core\.js|src\/sdk\/span-place\.ts)$/.exec(import.meta.url) ?? [];

/** Of Node, of V8, of OpenTelemetry, and of the kit wherever it is installed. */
const NOT_APPLICATION = /\bnode:|<anonymous>\)?$|\/node_modules\/@opentelemetry\/|\/@org\/tracing-[a-z]+\//;

const LIBRARY = /[/\\]node_modules[/\\]/;

/**
 * The innermost frames of the application: without those of this kit, of OpenTelemetry and of Node. Where it has none
 * on the stack, those of the libraries that it uses.
 */
export function applicationFrames({ stack }: Place): string[] {
  // `Error.prepareStackTrace` of the application may make anything of it.
  if (typeof stack !== 'string') return [];
  const frames = stack
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.startsWith('at '))
    .map((line) => line.slice('at '.length))
    .filter((frame) => !NOT_APPLICATION.test(frame.replaceAll('\\', '/')) && !isOfKit(frame));
  const own = frames.filter((frame) => !LIBRARY.test(frame));
  return (own.length > 0 ? own : frames).slice(0, TOLD);
}

function isOfKit(frame: string): boolean {
  const at = packages === undefined ? -1 : frame.indexOf(packages);
  return at !== -1 && /^[^/]+\/(?:src|dist)\//.test(frame.slice(at + (packages?.length ?? 0)));
}
