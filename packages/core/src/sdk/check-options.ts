import { accessSync, constants } from 'node:fs';
import { inspect } from 'node:util';

import { LOG_LEVELS } from '../diagnostics.ts';
import { MAX_TIMER_MILLIS } from '../environment.ts';
import { addressOf } from '../one-line.ts';
import { type OutgoingHttpOptions, readOutgoingHttpOptions } from '../outgoing-http-options.ts';
import { isBaggageKeys } from './baggage-span-processor.ts';
import { EXPORTER_NAMES } from './span-outputs.ts';
import { METRIC_EXPORTER_NAMES, type MetricsOptions } from './metrics-options.ts';
import type { InitTracingOptions } from './options.ts';
import { isEndpoint, OTLP_COMPRESSIONS, OTLP_PROTOCOLS, type OtlpOptions } from './otlp-settings.ts';
import { PROPAGATOR_NAMES } from './propagators.ts';
import { SAMPLER_NAMES } from './sampler.ts';

type Fields = Readonly<Record<string, unknown>>;
type Test = (value: unknown) => boolean;

/** What an option has to be: in words, which complete "must be", and as a test. */
type Rule = readonly [expected: string, test: Test];

const text: Rule = ['a non-empty string', (value) => typeof value === 'string' && value.trim() !== ''];
const flag: Rule = ['true or false', (value) => typeof value === 'boolean'];
const plainObject: Rule = ['an object', isObject];
const count = atLeast(0);
const millis = atLeast(1);
const file: Rule = ['the path of a file that can be read', isReadable];

const RULES: Readonly<Record<keyof InitTracingOptions, Rule>> = {
  serviceName: text,
  serviceVersion: text,
  resourceAttributes: plainObject,
  sampler: [
    `a Sampler or one of ${SAMPLER_NAMES.join(', ')}`,
    (value) => isOneOf(SAMPLER_NAMES)(value) || has('shouldSample')(value),
  ],
  samplerRatio: ['a number from 0 to 1', (value) => typeof value === 'number' && value >= 0 && value <= 1],
  propagators: listOf(
    `propagators or names of ${PROPAGATOR_NAMES.join(', ')}`,
    (value) => isOneOf(PROPAGATOR_NAMES)(value) || (has('inject')(value) && has('extract')(value)),
  ),
  exporter: [
    `a SpanExporter, one of ${EXPORTER_NAMES.join(', ')}, or an array of these`,
    (value) => (Array.isArray(value) ? value : [value]).every(isExporter),
  ],
  otlp: plainObject,
  batch: plainObject,
  spanProcessors: listOf('span processors', (value) => has('onStart')(value) && has('onEnd')(value)),
  spanLimits: plainObject,
  instrumentations: listOf(
    'instrumentations',
    (value) => has('enable')(value) && has('setTracerProvider')(value),
  ),
  baggageKeys: ['an array of keys of baggage', isBaggageKeys],
  outgoingHttp: ['true, false or an object', (value) => typeof value === 'boolean' || isObject(value)],
  metrics: ['true, false or an object', (value) => typeof value === 'boolean' || isObject(value)],
  reportOpenSpansAfterMillis: count,
  shutdownTimeoutMillis: millis,
  flushOnCrash: flag,
  disabled: flag,
  logLevel: [`one of ${LOG_LEVELS.join(', ')}`, isOneOf(LOG_LEVELS)],
};

const BATCH_RULES: Readonly<Record<keyof NonNullable<InitTracingOptions['batch']>, Rule>> = {
  scheduleDelayMillis: count,
  exportTimeoutMillis: count,
  maxQueueSize: atLeast(1),
  maxExportBatchSize: atLeast(1),
};

const METRICS_RULES: Readonly<Record<keyof MetricsOptions, Rule>> = {
  exporter: [
    `one of ${METRIC_EXPORTER_NAMES.join(', ')}, or an array of these`,
    (value) => (Array.isArray(value) ? value : [value]).every(isOneOf(METRIC_EXPORTER_NAMES)),
  ],
  exportIntervalMillis: millis,
  exportTimeoutMillis: millis,
};

const LIMIT_RULES: Readonly<Record<keyof NonNullable<InitTracingOptions['spanLimits']>, Rule>> = {
  attributeValueLengthLimit: atLeast(1),
  attributeCountLimit: count,
  eventCountLimit: count,
  linkCountLimit: count,
  attributePerEventCountLimit: count,
  attributePerLinkCountLimit: count,
};

const OTLP_RULES: Readonly<Record<keyof OtlpOptions, Rule>> = {
  endpoint: text,
  tracesEndpoint: text,
  metricsEndpoint: text,
  protocol: [`one of ${OTLP_PROTOCOLS.join(', ')}`, isOneOf(OTLP_PROTOCOLS)],
  headers: [
    'an object of strings',
    (value) => isObject(value) && Object.values(value).every((header) => typeof header === 'string'),
  ],
  timeoutMillis: millis,
  compression: [`one of ${OTLP_COMPRESSIONS.join(', ')}`, isOneOf(OTLP_COMPRESSIONS)],
  certificate: file,
  clientCertificate: file,
  clientKey: file,
};

/** The names of the options that are checked here, by what stands before them. */
export const CHECKED_OPTIONS: readonly (readonly [prefix: string, names: readonly string[]])[] = [
  ['', Object.keys(RULES)],
  ['batch.', Object.keys(BATCH_RULES)],
  ['spanLimits.', Object.keys(LIMIT_RULES)],
  ['metrics.', Object.keys(METRICS_RULES)],
  ['otlp.', Object.keys(OTLP_RULES)],
];

/**
 * Checks what `initTracing` was given.
 *
 * @throws {TypeError} Names the option, what it must be and what it is.
 */
export function checkOptions(options: InitTracingOptions): void {
  if (!isObject(options)) fail('options', 'an object', options);
  check('', RULES, options);
  const { batch, otlp, sampler, samplerRatio } = options;
  if (batch !== undefined) {
    check('batch.', BATCH_RULES, batch);
    const { maxExportBatchSize = 1, maxQueueSize = maxExportBatchSize } = batch;
    if (maxExportBatchSize > maxQueueSize) {
      fail('batch.maxExportBatchSize', `at most batch.maxQueueSize, ${maxQueueSize}`, maxExportBatchSize);
    }
  }
  if (typeof options.outgoingHttp === 'object') checkOutgoingHttp(options.outgoingHttp);
  if (options.spanLimits !== undefined) check('spanLimits.', LIMIT_RULES, options.spanLimits);
  if (typeof options.metrics === 'object') check('metrics.', METRICS_RULES, options.metrics);
  if (otlp !== undefined) {
    check('otlp.', OTLP_RULES, otlp);
    checkEndpoint('otlp.endpoint', otlp.endpoint, otlp);
    checkEndpoint('otlp.tracesEndpoint', otlp.tracesEndpoint, otlp);
    checkEndpoint('otlp.metricsEndpoint', otlp.metricsEndpoint, otlp);
    if ((otlp.clientCertificate === undefined) !== (otlp.clientKey === undefined)) {
      fail('otlp.clientCertificate', 'given together with otlp.clientKey', otlp.clientCertificate);
    }
  }
  if (samplerRatio !== undefined && sampler !== undefined && !isRatioSampler(sampler)) {
    fail('samplerRatio', 'given with a sampler of traceidratio only', sampler);
  }
}

function check(prefix: string, rules: Readonly<Record<string, Rule>>, values: object): void {
  for (const [name, [expected, test]] of Object.entries(rules)) {
    const value = (values as Fields)[name];
    if (value !== undefined && !test(value)) fail(prefix + name, expected, value);
  }
}

function checkOutgoingHttp(options: OutgoingHttpOptions): void {
  try {
    readOutgoingHttpOptions(options);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new TypeError(`initTracing: outgoingHttp.${error.message}`, { cause: error });
  }
}

function checkEndpoint(name: string, value: string | undefined, otlp: OtlpOptions): void {
  if (value !== undefined && !isEndpoint(value, otlp.protocol ?? 'http/protobuf')) {
    fail(name, 'an http:// or https:// URL', addressOf(value));
  }
}

function fail(name: string, expected: string, value: unknown): never {
  throw new TypeError(`initTracing: ${name} must be ${expected}; got ${describe(value)}`);
}

/** What an object holds is not printed, it may be secret. */
function describe(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((element) => describe(element)).join(', ')}]`;
  if (typeof value === 'function') return 'a function';
  return typeof value === 'object' && value !== null ? 'an object' : inspect(value);
}

function isRatioSampler(sampler: unknown): boolean {
  return typeof sampler === 'string' && sampler.endsWith('traceidratio');
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function has(method: string): Test {
  return (value) =>
    typeof value === 'object' && value !== null && typeof (value as Fields)[method] === 'function';
}

function isOneOf(names: readonly string[]): Test {
  return (value) => typeof value === 'string' && names.includes(value);
}

function isExporter(value: unknown): boolean {
  return isOneOf(EXPORTER_NAMES)(value) || (has('export')(value) && has('shutdown')(value));
}

function listOf(what: string, test: Test): Rule {
  return [`an array of ${what}`, (value) => Array.isArray(value) && value.every(test)];
}

function atLeast(min: number): Rule {
  return [
    `a whole number from ${min} to ${MAX_TIMER_MILLIS}`,
    (value) => Number.isInteger(value) && (value as number) >= min && (value as number) <= MAX_TIMER_MILLIS,
  ];
}

function isReadable(value: unknown): boolean {
  if (typeof value !== 'string') return false;
  try {
    accessSync(value, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}
