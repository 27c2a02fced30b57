import { createRequire } from 'node:module';
import { join } from 'node:path';

import type * as api from '@opentelemetry/api';
import type * as sdk from '@opentelemetry/sdk-trace-node';
import type * as kit from '@org/tracing-core';

/** Writes one line to stdout, in JSON. */
export type WriteLine = () => void;

/** Loads a module of the peers. */
type Load = (name: string) => unknown;

/** A logger as an application sets it up, made inside the process that is measured. */
export type MakeLogger = (modules: string) => WriteLine;

/** What every line says. */
const MESSAGE = 'order accepted';
const FIELDS = { sku: 'anvil', pieces: 2 };

/** Every logger, by what it is called in the table. */
export const LOGGERS: Readonly<Record<string, MakeLogger>> = {
  'console.log of JSON': () => () =>
    // The line of pino, by hand.
    console.log(JSON.stringify({ level: 30, time: Date.now(), pid: process.pid, ...FIELDS, msg: MESSAGE })),
  'console, kit': () => {
    startKit().configureConsoleLogging(console, { stream: process.stdout });
    return () => console.info(MESSAGE, FIELDS);
  },
  'loglevel, text': (modules) => loglevel(loadFrom(modules), () => undefined),
  'loglevel, kit': (modules) =>
    loglevel(loadFrom(modules), (log) => startKit().configureLogging(log, { stream: process.stdout })),
  pino: (modules) => pino(loadFrom(modules), {}),
  'pino, kit': (modules) => pino(loadFrom(modules), { mixin: startKit().pinoTraceMixin() }),
  'pino, mixin by hand': (modules) => {
    const load = loadFrom(modules);
    return pino(load, { mixin: startStock(load) });
  },
  'pino, instrumentation-pino': (modules) => {
    const load = loadFrom(modules);
    startStock(load);
    instrument(load, 'pino', 'PinoInstrumentation');
    return pino(load, {});
  },
  winston: (modules) => winston(loadFrom(modules), () => undefined),
  'winston, kit': (modules) => {
    const { traceWinston } = startKit();
    return winston(loadFrom(modules), (logger) => traceWinston(logger));
  },
  'winston, instrumentation-winston': (modules) => {
    const load = loadFrom(modules);
    startStock(load);
    instrument(load, 'winston', 'WinstonInstrumentation');
    return winston(load, () => undefined);
  },
};

function loadFrom(modules: string): Load {
  return createRequire(join(modules, 'package.json'));
}

function startKit(): typeof kit {
  const core = createRequire(import.meta.url)('@org/tracing-core') as typeof kit;
  core.initTracing({ serviceName: 'bench', exporter: 'none' });
  return core;
}

/** @returns The mixin that applications write. */
function startStock(load: Load): () => object {
  const { NodeTracerProvider } = load('@opentelemetry/sdk-trace-node') as typeof sdk;
  const { trace } = load('@opentelemetry/api') as typeof api;
  new NodeTracerProvider().register();
  return () => {
    const context = trace.getActiveSpan()?.spanContext();
    if (context === undefined) return {};
    return {
      trace_id: context.traceId,
      span_id: context.spanId,
      trace_flags: `0${context.traceFlags.toString(16)}`,
    };
  };
}

/** Ids on the lines alone; it would hand each line to the logs API too. */
function instrument(load: Load, library: string, name: string): void {
  const instrumentations = load(`@opentelemetry/instrumentation-${library}`) as Record<
    string,
    new (options: object) => unknown
  >;
  const Instrumentation = instrumentations[name];
  if (Instrumentation === undefined) throw new Error(`no ${name}`);
  Reflect.construct(Instrumentation, [{ disableLogSending: true }]);
}

interface Logger {
  info(...args: unknown[]): void;
}

function loglevel(load: Load, setUp: (log: kit.LoglevelRoot) => unknown): WriteLine {
  const log = load('loglevel') as Logger & kit.LoglevelRoot & { readonly levels: { readonly INFO: 2 } };
  log.setLevel(log.levels.INFO, false);
  setUp(log);
  return () => log.info(MESSAGE, FIELDS);
}

function pino(load: Load, options: object): WriteLine {
  const logger = (load('pino') as (options: object) => Logger)(options);
  return () => logger.info(FIELDS, MESSAGE);
}

interface Winston {
  createLogger(options: object): Logger & kit.WinstonLogger;
  readonly format: { combine(...formats: unknown[]): unknown; timestamp(): unknown; json(): unknown };
  readonly transports: { Console: new () => unknown };
}

function winston(load: Load, setUp: (logger: kit.WinstonLogger) => unknown): WriteLine {
  const { createLogger, format, transports } = load('winston') as Winston;
  const logger = createLogger({
    format: format.combine(format.timestamp(), format.json()),
    transports: [new transports.Console()],
  });
  setUp(logger);
  return () => logger.info(MESSAGE, FIELDS);
}
