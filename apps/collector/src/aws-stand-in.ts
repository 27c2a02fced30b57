import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the AWS CLI has asked for. */
export interface AwsRequest {
  /** `RegisterTaskDefinition`. */
  readonly operation: string;
  /** Its input: of JSON as it is, of a form with flat keys (`Filter.1.Name`). */
  readonly input: Readonly<Record<string, unknown>>;
}

/** A server in the place of AWS. */
export interface AwsStandIn extends AsyncDisposable {
  readonly url: string;
  /** In their order. The array is live. */
  readonly requests: readonly AwsRequest[];
}

/** Paths of X-Ray that are not called as their operation is. */
const XRAY_PATHS: Readonly<Record<string, string>> = {
  '/Traces': 'BatchGetTraces',
  '/TraceSummaries': 'GetTraceSummaries',
};

/**
 * Starts a server that answers each request of the AWS CLI with what `answer` says, JSON or XML as the service has it, and with
 * an empty one of either otherwise. It knows nothing of AWS, and refuses nothing: what is tried by it are the commands.
 */
export async function startAwsStandIn(
  answer: (request: AwsRequest) => string | undefined,
): Promise<AwsStandIn> {
  const requests: AwsRequest[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const read = readRequest(request.url ?? '/', request.headers, Buffer.concat(chunks).toString());
      requests.push(read);
      response.end(answer(read) ?? (isForm(request.headers) ? '<none/>' : '{}'));
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await once(server.close(), 'close');
    },
  };
}

function readRequest(path: string, headers: IncomingHttpHeaders, body: string): AwsRequest {
  if (isForm(headers)) {
    const { Action = '', ...input } = Object.fromEntries(new URLSearchParams(body));
    return { operation: Action, input };
  }
  const target = headers['x-amz-target'];
  const operation =
    typeof target === 'string'
      ? target.split('.')[1]
      : (XRAY_PATHS[path] ?? path.slice(path.lastIndexOf('/') + 1));
  return { operation: operation ?? '', input: JSON.parse(body || '{}') as AwsRequest['input'] };
}

/** IAM, EC2 and STS take forms, and answer by XML. */
function isForm(headers: IncomingHttpHeaders): boolean {
  return headers['content-type']?.includes('form-urlencoded') === true;
}
