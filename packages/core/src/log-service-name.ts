import { trace, type TracerProvider } from '@opentelemetry/api';

import { createResource } from './sdk/resource.ts';

interface ProviderWithResource extends TracerProvider {
  // The SDK has no public way to ask a provider for its resource.
  readonly _resource?: {
    readonly asyncAttributesPending?: boolean;
    readonly attributes?: { readonly 'service.name'?: unknown };
  };
}

/**
 * A function that tells the name of this service as its spans do: the registered provider's, which may be
 * registered later, else that of the environment, else `unknown_service:node`.
 */
export function currentServiceName(): () => string {
  const fallback = String(createResource({}).attributes['service.name']);
  let known: TracerProvider | undefined;
  let name = fallback;
  return () => {
    const proxy: TracerProvider & { getDelegate?: () => TracerProvider } = trace.getTracerProvider();
    const provider: ProviderWithResource = proxy.getDelegate?.() ?? proxy;
    if (provider === known) return name;
    const resource = provider._resource;
    if (resource?.asyncAttributesPending) return fallback;
    const registered = resource?.attributes?.['service.name'];
    name = typeof registered === 'string' ? registered : fallback;
    known = provider;
    return name;
  };
}
