import type { OtlpSettings } from './otlp-settings.ts';

/** What an exporter of upstream over HTTP is made with, whatever it exports. */
export function httpConfig({ url, headers, timeoutMillis, compression, tls }: OtlpSettings): unknown {
  return {
    url,
    headers: { ...headers },
    timeoutMillis,
    // A string, which is what upstream's enumeration of compressions consists of.
    compression,
    httpAgentOptions: { keepAlive: true, ...tls },
  };
}
