import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';

/** A request that cannot be taken, with the HTTP status that says so. */
export class OtlpRequestError extends Error {
  override readonly name = 'OtlpRequestError';
  readonly status: number;

  constructor(status: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
  }
}

/**
 * Reads a request's body, unpacked.
 *
 * @param limitBytes Bound of the body, packed and unpacked alike.
 * @throws OtlpRequestError for an unknown content encoding (415), a broken one (400) and too large a body (413).
 */
export async function readBody(request: IncomingMessage, limitBytes: number): Promise<Buffer> {
  const encoding = request.headers['content-encoding'] ?? 'identity';
  if (encoding === 'identity') return concat(request, limitBytes);
  if (encoding !== 'gzip') {
    throw new OtlpRequestError(415, `content-encoding: expected gzip or none, got ${encoding}`);
  }
  const packed = await concat(request, limitBytes);
  const gunzip = createGunzip();
  gunzip.end(packed);
  try {
    return await concat(gunzip, limitBytes);
  } catch (error) {
    if (error instanceof OtlpRequestError) throw error;
    throw new OtlpRequestError(400, `content-encoding: the body is no gzip: ${String(error)}`, {
      cause: error,
    });
  }
}

async function concat(stream: Readable, limitBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > limitBytes) {
      throw new OtlpRequestError(413, `the body has more than the ${limitBytes} bytes that are taken`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
}
