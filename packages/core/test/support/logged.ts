import { createRequire } from 'node:module';
import { Writable } from 'node:stream';

import type loglevel from 'loglevel';
import { onTestFinished } from 'vitest';

import { configureLogging } from '../../src/configure-logging.ts';
import type { LoggingOptions } from '../../src/log-options.ts';

/** A line as a log pipeline reads it. */
export type LogLine = Readonly<Record<string, unknown>>;

const require = createRequire(import.meta.url);

/** A loglevel that no other test has seen; it keeps its loggers in its module. */
export function freshLoglevel(): loglevel.RootLogger {
  const path = require.resolve('loglevel');
  delete require.cache[path];
  return require(path) as loglevel.RootLogger;
}

/** A stream that keeps what is written to it. */
export function collectingStream(): { stream: Writable; written: () => string } {
  let text = '';
  const stream = new Writable({
    write(chunk, _encoding, done) {
      text += String(chunk);
      done();
    },
  });
  return { stream, written: () => text };
}

/** Every line of `text`, parsed; throws where one is no JSON object or the last has no line break. */
export function parseLines(text: string): LogLine[] {
  if (text === '') return [];
  if (!text.endsWith('\n')) throw new Error(`no line break at the end: ${text.slice(-100)}`);
  return text
    .slice(0, -1)
    .split('\n')
    .map((line) => JSON.parse(line) as LogLine);
}

/** A fresh loglevel that writes to memory until the test has finished. */
export function logged(options: LoggingOptions = {}): {
  log: loglevel.RootLogger;
  lines: () => LogLine[];
  undo: () => void;
} {
  const log = freshLoglevel();
  const { stream, written } = collectingStream();
  const undo = configureLogging(log, { serviceName: 'shop', stream, ...options });
  onTestFinished(undo);
  return { log, lines: () => parseLines(written()), undo };
}
