import { readFileSync } from 'node:fs';
import { validateHeaderName, validateHeaderValue } from 'node:http';

import { diag } from '@opentelemetry/api';

import { errorText } from '../diagnostics.ts';
import { readEnum, readInteger, readString, warnInvalid } from '../environment.ts';
import { addressOf, oneLine } from '../one-line.ts';

/** Wire formats of OTLP. */
export type OtlpProtocol = 'grpc' | 'http/json' | 'http/protobuf';

/** How an export may be packed. */
export type OtlpCompression = 'gzip' | 'none';

/** Every name of a protocol. */
export const OTLP_PROTOCOLS: readonly OtlpProtocol[] = ['http/protobuf', 'http/json', 'grpc'];

/** Every name of a compression. */
export const OTLP_COMPRESSIONS: readonly OtlpCompression[] = ['none', 'gzip'];

const DEFAULT_PROTOCOL: OtlpProtocol = 'http/protobuf';

/**
 * Where and how spans, and metrics and log records if there are any, are sent by OTLP. Each option wins over its variable
 * `OTEL_EXPORTER_OTLP_TRACES_…`, `…_METRICS_…` or `…_LOGS_…`, and that over `OTEL_EXPORTER_OTLP_…`.
 */
export interface OtlpOptions {
  /** Base URL of the collector; `v1/traces`, `v1/metrics` or `v1/logs` is appended for HTTP. Default `http://localhost:4318`, gRPC 4317. */
  readonly endpoint?: string;
  /** The whole URL for traces, used as it is, before `endpoint`. */
  readonly tracesEndpoint?: string;
  /** The whole URL for metrics, used as it is, before `endpoint`. */
  readonly metricsEndpoint?: string;
  /** Default `http/protobuf`. `grpc` needs a package of its own: `@opentelemetry/exporter-trace-otlp-grpc`. */
  readonly protocol?: OtlpProtocol;
  /** Sent with every export, on top of those that the environment asks for. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Milliseconds that one export may take, its retries included. Default 10000. */
  readonly timeoutMillis?: number;
  /** Default `none`. */
  readonly compression?: OtlpCompression;
  /** Path of a PEM file: who is trusted to have signed the collector's certificate. */
  readonly certificate?: string;
  /** Path of a PEM file: the certificate that this service shows to the collector. */
  readonly clientCertificate?: string;
  /** Path of a PEM file: the private key of `clientCertificate`. */
  readonly clientKey?: string;
}

/** `OtlpOptions` and the environment, read and checked. */
export interface OtlpSettings {
  readonly url: string;
  readonly protocol: OtlpProtocol;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMillis: number;
  readonly compression: OtlpCompression;
  readonly tls: { readonly ca?: Buffer; readonly cert?: Buffer; readonly key?: Buffer };
}

/** What is sent. */
export type OtlpSignal = 'logs' | 'metrics' | 'traces';

/** Whether code or the environment names a collector. */
export function hasOtlpEndpoint(options: OtlpOptions | undefined, signal: OtlpSignal = 'traces'): boolean {
  return (
    options !== undefined ||
    readString(variableOf(signal, 'ENDPOINT')) !== undefined ||
    readString('OTEL_EXPORTER_OTLP_ENDPOINT') !== undefined
  );
}

/** The settings from code, else from the environment, else the defaults of the specification (S6). */
export function resolveOtlp(options: OtlpOptions = {}, signal: OtlpSignal = 'traces'): OtlpSettings {
  const protocol =
    options.protocol ??
    signalFirst(signal, 'PROTOCOL', DEFAULT_PROTOCOL, (name, fallback) =>
      readEnum(name, OTLP_PROTOCOLS, fallback),
    );
  return {
    protocol,
    url: resolveUrl(options, signal, protocol),
    headers: sendable(protocol, {
      ...readHeaders('OTEL_EXPORTER_OTLP_HEADERS'),
      ...readHeaders(variableOf(signal, 'HEADERS')),
      ...options.headers,
    }),
    timeoutMillis:
      options.timeoutMillis ??
      signalFirst(signal, 'TIMEOUT', 10_000, (name, fallback) => readInteger(name, { min: 1, fallback })),
    compression:
      options.compression ??
      signalFirst<OtlpCompression>(signal, 'COMPRESSION', 'none', (name, fallback) =>
        readEnum(name, OTLP_COMPRESSIONS, fallback),
      ),
    tls: resolveTls(options, signal),
  };
}

function variableOf(signal: OtlpSignal, suffix: string): string {
  return `OTEL_EXPORTER_OTLP_${signal.toUpperCase()}_${suffix}`;
}

/** The variable of the signal, else the one for all signals, else the default. */
function signalFirst<T>(
  signal: OtlpSignal,
  suffix: string,
  fallback: T,
  read: (name: string, fallback: T) => T,
): T {
  return read(variableOf(signal, suffix), read(`OTEL_EXPORTER_OTLP_${suffix}`, fallback));
}

function resolveUrl(options: OtlpOptions, signal: OtlpSignal, protocol: OtlpProtocol): string {
  const { tracesEndpoint: traces, metricsEndpoint: metrics } = options;
  const whole = { traces, metrics, logs: undefined }[signal];
  if (whole !== undefined) return whole;
  if (options.endpoint !== undefined) return signalUrl(options.endpoint, signal, protocol);
  const fallback = `http://localhost:${protocol === 'grpc' ? 4317 : 4318}`;
  const base = readEndpoint('OTEL_EXPORTER_OTLP_ENDPOINT', protocol, fallback);
  return readEndpoint(variableOf(signal, 'ENDPOINT'), protocol, signalUrl(base, signal, protocol));
}

function readEndpoint(name: string, protocol: OtlpProtocol, fallback: string): string {
  const value = readString(name);
  if (value === undefined || isEndpoint(value, protocol)) return value ?? fallback;
  warnInvalid(name, addressOf(value), 'an http:// or https:// URL', addressOf(fallback));
  return fallback;
}

/** gRPC takes a bare `host:port` too. */
export function isEndpoint(value: string, protocol: OtlpProtocol): boolean {
  if (protocol === 'grpc' && !value.includes('://')) return URL.canParse(`https://${value}`);
  return URL.canParse(value) && /^https?:$/.test(new URL(value).protocol);
}

function signalUrl(base: string, signal: OtlpSignal, protocol: OtlpProtocol): string {
  if (protocol === 'grpc') return base;
  const url = new URL(base);
  url.pathname = url.pathname.replace(/\/?$/, `/v1/${signal}`);
  return url.href;
}

/** `name=value` pairs, percent-encoded. What is wrong is left out, and its text not printed: it is a secret. */
function readHeaders(name: string): Record<string, string> {
  const headers: Record<string, string> = {};
  const wrong: number[] = [];
  for (const [index, pair] of (readString(name)?.split(',') ?? []).entries()) {
    if (pair.trim() === '') continue;
    const separator = pair.indexOf('=');
    try {
      const key = decodeURIComponent(pair.slice(0, Math.max(separator, 0)).trim());
      const value = decodeURIComponent(pair.slice(separator + 1).trim());
      validateHeaderName(key);
      validateHeaderValue(key, value);
      headers[key.toLowerCase()] = value;
    } catch {
      wrong.push(index + 1);
    }
  }
  if (wrong.length > 0) {
    diag.warn(
      `${name}: entry ${listed(wrong)} is not a header as name=value, percent-encoded; it is left out`,
    );
  }
  return headers;
}

/** gRPC takes fewer characters than HTTP. Its package would throw, and quote the value, which is a secret. */
function sendable(protocol: OtlpProtocol, headers: Record<string, string>): Record<string, string> {
  if (protocol !== 'grpc') return headers;
  const entries = Object.entries(headers);
  const taken = entries.filter(
    ([name, value]) => /^[\w.-]+$/.test(name) && !/-bin$/i.test(name) && /^[ -~]*$/.test(value),
  );
  if (taken.length < entries.length) {
    const names = entries.filter((entry) => !taken.includes(entry)).map(([name]) => name);
    diag.warn(
      `OTLP: gRPC cannot send the header ${oneLine(names.join(', '), 300)} as it is written; it is left out`,
    );
  }
  return Object.fromEntries(taken);
}

/** A list that is the wrong one altogether has thousands of wrong entries. */
function listed(entries: readonly number[]): string {
  return entries.length > 10 ? `${entries.slice(0, 10).join(', ')}, …` : entries.join(', ');
}

function resolveTls(options: OtlpOptions, signal: OtlpSignal): OtlpSettings['tls'] {
  const ca = readPem(signal, 'CERTIFICATE', options.certificate);
  const cert = readPem(signal, 'CLIENT_CERTIFICATE', options.clientCertificate);
  const key = readPem(signal, 'CLIENT_KEY', options.clientKey);
  if ((cert === undefined) !== (key === undefined)) {
    diag.warn(
      'OTLP: a client certificate and its key are used together only; one of them is missing, so neither is used',
    );
  }
  return { ...(ca && { ca }), ...(cert && key && { cert, key }) };
}

function readPem(signal: OtlpSignal, suffix: string, option: string | undefined): Buffer | undefined {
  if (option !== undefined) return readFileSync(option);
  return signalFirst<Buffer | undefined>(signal, suffix, undefined, (name, fallback) => {
    const path = readString(name);
    if (path === undefined) return fallback;
    try {
      return readFileSync(path);
    } catch (error) {
      const used = fallback === undefined ? 'none' : 'the one for all signals';
      warnInvalid(name, path, `a file that can be read (${errorText(error)})`, used);
      return fallback;
    }
  });
}
