import { trace, type TracerProvider } from '@opentelemetry/api';

import { createResource } from './sdk/resource.ts';

/** Who writes a line, as the spans of the service say it. */
export interface LogService {
  readonly service: string;
  readonly serviceVersion?: string | undefined;
  readonly environment?: string | undefined;
}

interface ProviderWithResource extends TracerProvider {
  /** Of ours. */
  readonly resource?: ProviderResource;
  /** Of the SDK's, which have no public way to ask for it. */
  readonly _resource?: ProviderResource;
}

interface ProviderResource {
  readonly asyncAttributesPending?: boolean;
  readonly attributes?: Readonly<Record<string, unknown>>;
}

/**
 * A function that tells who this service is as its spans do: by the resource of the registered provider, which may be
 * registered later, else by the environment. Without any name it is `unknown_service:node`.
 *
 * @param givenName Takes the place of the name.
 */
export function currentService(givenName?: string): () => LogService {
  const fallback = identity(createResource({}).attributes, givenName);
  let known: TracerProvider | undefined;
  let service = fallback;
  return () => {
    const proxy: TracerProvider & { getDelegate?: () => TracerProvider } = trace.getTracerProvider();
    const provider: ProviderWithResource = proxy.getDelegate?.() ?? proxy;
    if (provider === known) return service;
    const resource = provider.resource ?? provider._resource;
    if (resource?.asyncAttributesPending) return fallback;
    service = resource?.attributes ? identity(resource.attributes, givenName, fallback) : fallback;
    known = provider;
    return service;
  };
}

function identity(
  attributes: Readonly<Record<string, unknown>>,
  givenName: string | undefined,
  fallback?: LogService,
): LogService {
  const text = (name: string): string | undefined => {
    const value = attributes[name];
    return typeof value === 'string' ? value : undefined;
  };
  return {
    service: givenName ?? text('service.name') ?? fallback?.service ?? 'unknown_service',
    serviceVersion: text('service.version'),
    environment: text('deployment.environment.name') ?? text('deployment.environment'),
  };
}
