/** What to do about a connection that failed, by the code of Node's error; undefined where that is not known. */
export function connectionHint(error: unknown): string | undefined {
  const code = codeOf(error);
  if (code === undefined) return undefined;
  if (code === 'ECONNREFUSED') return 'Nothing listens there: is the collector running?';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'The name does not resolve: check the endpoint';
  if (code === 'ETIMEDOUT') return 'Is the collector overloaded, or does something else listen there?';
  if (code === 'ECONNRESET') return 'Is that an OTLP receiver, and http against https right in the endpoint?';
  if (code.startsWith('HPE_')) {
    return 'That port does not speak HTTP/1: 4317 is gRPC, OTEL_EXPORTER_OTLP_PROTOCOL=grpc, 4318 is HTTP';
  }
  if (/CERT|SSL|TLS|SIGNATURE|EPROTO/.test(code)) {
    return 'Check the certificate, OTEL_EXPORTER_OTLP_CERTIFICATE, and http against https in the endpoint';
  }
  return undefined;
}

/** What to do about an answer of HTTP; undefined where there is nothing to say beyond the status itself. */
export function statusHint(status: number): string | undefined {
  if (status >= 300 && status < 400)
    return 'It redirects, which is not followed: give the address that it redirects to';
  if (status === 400 || status === 415) return 'Check OTEL_EXPORTER_OTLP_PROTOCOL against the receiver';
  if (status === 401 || status === 403) return 'Check OTEL_EXPORTER_OTLP_HEADERS';
  if (status === 404 || status === 405) return 'Check the path of the endpoint: is an OTLP receiver there?';
  if (status === 413) return 'Lower OTEL_BSP_MAX_EXPORT_BATCH_SIZE, or raise the limit of the receiver';
  if (status === 429) return 'The receiver wants less: sample, or give it more room';
  if (status === 502 || status === 503 || status === 504)
    return 'The receiver is overloaded, or not ready yet';
  return undefined;
}

function codeOf(error: unknown): string | undefined {
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0]);
  const { code } = (typeof error === 'object' && error !== null ? error : {}) as { code?: unknown };
  return typeof code === 'string' ? code : undefined;
}
