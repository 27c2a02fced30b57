import { arch, hostname } from 'node:os';
import { basename } from 'node:path';

import type { Attributes } from '@opentelemetry/api';
import {
  defaultResource,
  type DetectedResource,
  processDetector,
  type Resource,
  resourceFromAttributes,
  serviceInstanceIdDetector,
} from '@opentelemetry/resources';

import { readString, warnInvalid } from '../environment.ts';

/** What describes this service in code. */
export interface ResourceOptions {
  readonly serviceName?: string | undefined;
  readonly serviceVersion?: string | undefined;
  readonly resourceAttributes?: Attributes | undefined;
}

/**
 * The resource of every span: who made it. Later entries win: what is detected, `OTEL_RESOURCE_ATTRIBUTES`,
 * `OTEL_SERVICE_NAME`, `resourceAttributes`, `serviceName` and `serviceVersion`.
 */
export function createResource(options: ResourceOptions): Resource {
  const envName = readString('OTEL_SERVICE_NAME');
  return resourceFromAttributes({
    ...defaultResource().attributes,
    'service.name': `unknown_service:${basename(process.argv0)}`,
    ...detected(serviceInstanceIdDetector.detect()),
    ...hostAttributes(),
    ...processAttributes(),
    ...environmentAttributes(),
    ...(envName !== undefined && { 'service.name': envName }),
    ...options.resourceAttributes,
    ...(options.serviceName !== undefined && { 'service.name': options.serviceName }),
    ...(options.serviceVersion !== undefined && { 'service.version': options.serviceVersion }),
  });
}

/** Upstream's detector starts a process for `host.id` on macOS and Windows, so the host is read here. */
function hostAttributes(): Attributes {
  const names: Readonly<Record<string, string>> = { x64: 'amd64', arm: 'arm32', ppc: 'ppc32' };
  return { 'host.name': hostname(), 'host.arch': names[arch()] ?? arch() };
}

function processAttributes(): Attributes {
  const attributes = detected(processDetector.detect());
  // Secrets are passed as arguments, and nothing says which of them is one.
  delete attributes['process.command_args'];
  delete attributes['process.command_line'];
  return attributes;
}

function detected(resource: DetectedResource): Attributes {
  const attributes: Attributes = {};
  for (const [key, value] of Object.entries(resource.attributes ?? {})) {
    // The two detectors used here give nothing asynchronous.
    if (!(value instanceof Promise)) attributes[key] = value;
  }
  return attributes;
}

/** `key=value` pairs, percent-encoded; an error in one discards all of them (S9). */
function environmentAttributes(): Attributes {
  const name = 'OTEL_RESOURCE_ATTRIBUTES';
  const value = readString(name);
  if (value === undefined) return {};
  const attributes: Attributes = {};
  for (const pair of value.split(',')) {
    if (pair.trim() === '') continue;
    const entry = parsePair(pair);
    if (entry === undefined) {
      warnInvalid(
        name,
        value,
        'a list of key=value with "," and "=" percent-encoded inside',
        'nothing of it',
      );
      return {};
    }
    attributes[entry.key] = entry.value;
  }
  return attributes;
}

function parsePair(pair: string): { key: string; value: string } | undefined {
  const [key, value, ...rest] = pair.split('=');
  if (key === undefined || value === undefined || rest.length > 0) return undefined;
  try {
    const decodedKey = decodeURIComponent(key.trim());
    return decodedKey === '' ? undefined : { key: decodedKey, value: decodeURIComponent(value.trim()) };
  } catch {
    return undefined;
  }
}
