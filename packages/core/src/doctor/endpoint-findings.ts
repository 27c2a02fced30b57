import { findOptionalPackage } from '../sdk/optional-package.ts';
import type { OtlpSettings } from '../sdk/otlp-settings.ts';
import { addressOf } from '../one-line.ts';
import type { DoctorFinding } from './doctor-report.ts';
import { note, ok, problem } from './finding.ts';

const GRPC_PACKAGE = '@opentelemetry/exporter-trace-otlp-grpc';

/** What looks wrong about where spans are sent, before anything is sent there. */
export function endpointFindings(otlp: OtlpSettings): readonly DoctorFinding[] {
  const url = addressOf(otlp.url);
  const parts = endpointParts(url);
  const found = otlp.protocol === 'grpc' ? grpcFindings(url, parts) : httpFindings(url, parts, otlp.protocol);
  if (parts.protocol === 'https:' && /^(?:localhost|127\..*|\[::1\])$/.test(parts.hostname)) {
    found.push(
      note(
        'endpoint-https',
        `${url}: TLS to this very machine`,
        'A collector beside the application seldom speaks TLS; if this one does not, write http://.',
      ),
    );
  }
  return found.length > 0 ? found : [ok('endpoint', `Spans go to ${url} as ${otlp.protocol}`)];
}

function grpcFindings(url: string, { port }: URL): DoctorFinding[] {
  const found: DoctorFinding[] = [];
  if (findOptionalPackage(GRPC_PACKAGE) === undefined) {
    found.push(
      problem(
        'grpc-package',
        `OTLP over gRPC needs ${GRPC_PACKAGE}, which is not installed: spans are not exported`,
        `npm install ${GRPC_PACKAGE}, or set OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf and port 4318.`,
      ),
    );
  }
  if (port === '4318') {
    found.push(
      problem(
        'endpoint-port',
        `${url}: port 4318 is that of HTTP, and spans go there by gRPC`,
        'Use port 4317, or OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf.',
      ),
    );
  }
  return found;
}

function httpFindings(url: string, { port, pathname }: URL, protocol: string): DoctorFinding[] {
  const found: DoctorFinding[] = [];
  if (port === '4317') {
    found.push(
      problem(
        'endpoint-port',
        `${url}: port 4317 is that of gRPC, and spans go there as ${protocol}`,
        'Use port 4318, or OTEL_EXPORTER_OTLP_PROTOCOL=grpc.',
      ),
    );
  }
  if (/\/v1\/(?:traces|metrics|logs)\/v1\/traces$/.test(pathname)) {
    found.push(
      problem(
        'endpoint-path',
        `${url}: the path of a signal is there twice`,
        'Take it off OTEL_EXPORTER_OTLP_ENDPOINT, which is a base: /v1/traces is appended.',
      ),
    );
  }
  if (pathname === '/') {
    found.push(
      problem(
        'endpoint-path',
        `${url}: the URL for traces has no path, and is used as it is`,
        'Append /v1/traces to OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, or set OTEL_EXPORTER_OTLP_ENDPOINT instead.',
      ),
    );
  }
  return found;
}

/** gRPC takes a bare `host:port`. */
export function endpointParts(url: string): URL {
  return new URL(url.includes('://') ? url : `grpc://${url}`);
}
