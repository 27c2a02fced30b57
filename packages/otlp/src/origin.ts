import type { Attributes } from '@opentelemetry/api';

import { attributesOf } from './attributes.ts';
import type { Resource, Scope } from './otlp-definitions.ts';
import type { RecordLimits } from './otlp-limits.ts';

/** Where records come from: one object for all that a request has of it. */
export interface Origin {
  /** `service.name` of the resource. */
  readonly serviceName: string;
  readonly resourceAttributes: Attributes;
}

/** @throws RecordRefusal for attributes past the limits. */
export function originOf(resource: Resource | null, limits: RecordLimits): Origin {
  const resourceAttributes = attributesOf(resource?.attributes ?? [], limits, () => 'a resource');
  return { serviceName: String(resourceAttributes['service.name'] ?? ''), resourceAttributes };
}

/** Name and version, each where it is given. */
export function scopeOf(scope: Scope | null): { readonly name: string; readonly version?: string } {
  const { name = '', version = '' } = scope ?? {};
  return version === '' ? { name } : { name, version };
}
