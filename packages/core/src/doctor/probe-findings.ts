import type { DoctorFinding } from './doctor-report.ts';
import { note, ok, problem } from './finding.ts';
import { type ProbeAnswer, TIMED_OUT } from './probe.ts';

/** What the answer of the collector means. @param answer Undefined where there was nobody to ask. */
export function probeFindings(answer: ProbeAnswer | undefined): readonly DoctorFinding[] {
  if (answer === undefined) {
    return [note('probe-nothing', 'Nothing was sent to a collector: spans go to none by OTLP')];
  }
  const { url, status, millis, error } = answer.report;
  if (error !== undefined) return [failure(answer, `${url}: ${error}`)];
  if (status === undefined) {
    return [
      ok('probe-connected', `${url} takes connections (${millis} ms); whether it speaks gRPC was not tried`),
    ];
  }
  return [answered(answer, status, `${url} answered ${status} in ${millis} ms`)];
}

const NOT_HTTP = /^HPE_|^ECONNRESET$/;
const NO_NAME = /^(?:ENOTFOUND|EAI_AGAIN)$/;
const TLS = /^(?:ERR_TLS|ERR_SSL|ERR_OSSL|EPROTO$|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_)/;
const UNREACHABLE = /^(?:EHOSTUNREACH|ENETUNREACH|ETIMEDOUT)$/;

function failure({ errorCode = '' }: ProbeAnswer, message: string): DoctorFinding {
  if (errorCode === 'ECONNREFUSED') {
    return problem(
      'probe-refused',
      message,
      'Nobody listens there. Is the collector running, and does it listen on this address and port? In a container, localhost is the container.',
    );
  }
  if (NO_NAME.test(errorCode)) {
    return problem(
      'probe-not-found',
      message,
      'The host name is not known here. Is it spelt right, and is it a name of this network?',
    );
  }
  if (errorCode === TIMED_OUT || UNREACHABLE.test(errorCode)) {
    return problem(
      'probe-timeout',
      message,
      'Nothing comes back. Look for a firewall, a network policy or a wrong address; a collector that is overloaded takes long too.',
    );
  }
  if (TLS.test(errorCode)) {
    return problem(
      'probe-tls',
      message,
      'Does the collector speak TLS there (https:// or http://), and who signed its certificate: OTEL_EXPORTER_OTLP_CERTIFICATE?',
    );
  }
  if (NOT_HTTP.test(errorCode)) {
    return problem(
      'probe-not-http',
      message,
      'What listens there does not speak HTTP/1.1. Port 4317 speaks gRPC: use port 4318, or OTEL_EXPORTER_OTLP_PROTOCOL=grpc. Or it speaks TLS: https://.',
    );
  }
  return problem('probe-failed', message, 'The exporter meets the same error.');
}

function answered({ contentType = '' }: ProbeAnswer, status: number, message: string): DoctorFinding {
  if (status === 401 || status === 403) {
    return problem(
      'probe-unauthorized',
      message,
      'It wants credentials: OTEL_EXPORTER_OTLP_HEADERS, as name=value, percent-encoded.',
    );
  }
  if (status === 404 || status === 405) {
    return problem(
      'probe-path',
      message,
      'Nothing takes traces under this path. OTEL_EXPORTER_OTLP_ENDPOINT is a base to which /v1/traces is appended; OTEL_EXPORTER_OTLP_TRACES_ENDPOINT is used as it is.',
    );
  }
  if (status === 400 || status === 415) {
    return problem(
      'probe-protocol',
      message,
      'It does not take this format. Set OTEL_EXPORTER_OTLP_PROTOCOL to http/protobuf, http/json or grpc.',
    );
  }
  if (status === 429 || status >= 500) {
    return problem('probe-overloaded', message, 'The collector takes no spans at present: see its own log.');
  }
  if (status >= 300) {
    return problem('probe-status', message, 'The exporter takes any answer but 2xx for a failure.');
  }
  if (contentType.startsWith('text/html')) {
    return problem(
      'probe-not-otlp',
      `${message} with a page for people`,
      'That is a web site, and no collector. Is it the port of the user interface? OTLP has 4318.',
    );
  }
  return ok('probe', message);
}
