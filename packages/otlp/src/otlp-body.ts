import type { IncomingMessage } from 'node:http';
import { createGunzip, type Gunzip } from 'node:zlib';

import type { OtlpLimits } from './otlp-limits.ts';
import { OtlpRequestError } from './otlp-request-error.ts';

// A longer one ends at once.
const LONGEST_TIMER = 2 ** 31 - 1;

type BodyLimits = Pick<Required<OtlpLimits>, 'bodyBytes' | 'bodyMillis'>;

/**
 * Reads a request's body, unpacked while it comes. What is too large is read to its end and thrown away, since a client
 * that is still sending hears no answer.
 *
 * @throws OtlpRequestError for an unknown content encoding (415), a broken one or a body that breaks off (400), too
 *   large a body (413) and one that does not end in time (408).
 */
export async function readBody(request: IncomingMessage, limits: BodyLimits): Promise<Buffer> {
  const isPacked = isGzip(request);
  if (request.readableEnded) {
    throw new OtlpRequestError(500, 'the body was read before: let no body parser run before this handler');
  }
  return new Promise((resolve, reject) => {
    const { bodyBytes, bodyMillis } = limits;
    const gunzip = isPacked ? createGunzip() : undefined;
    let chunks: Buffer[] = [];
    let received = 0;
    let length = 0;
    let failure: OtlpRequestError | undefined;
    const timer = setTimeout(
      () => {
        fail(new OtlpRequestError(408, `the body did not end within ${bodyMillis} ms`));
        settle();
      },
      Math.min(bodyMillis, LONGEST_TIMER),
    );

    request.on('data', onData).on('end', onEnd).on('close', onClose).on('error', onClose);
    gunzip?.on('data', keep).on('end', settle).on('error', onBroken);
    if (Number(request.headers['content-length'] ?? 0) > bodyBytes) fail(tooLarge(bodyBytes));

    function onData(chunk: Buffer): void {
      received += chunk.length;
      if (failure) return;
      if (received > bodyBytes) fail(tooLarge(bodyBytes));
      else if (gunzip) unpack(request, gunzip, chunk);
      else keep(chunk);
    }

    function keep(chunk: Buffer): void {
      length += chunk.length;
      if (length > bodyBytes) fail(tooLarge(bodyBytes));
      else chunks.push(chunk);
    }

    function onEnd(): void {
      if (gunzip && !failure) gunzip.end();
      else settle();
    }

    function onBroken(error: Error): void {
      const message = `content-encoding: the body is no gzip: ${error.message}`;
      fail(new OtlpRequestError(400, message, { cause: error }));
    }

    function onClose(): void {
      if (request.readableEnded) return;
      fail(new OtlpRequestError(400, 'the connection broke before the body was whole'));
      settle();
    }

    function fail(error: OtlpRequestError): void {
      failure ??= error;
      chunks = [];
      gunzip?.destroy();
      request.resume();
      // Unpacking may go on after the last byte has come.
      if (request.readableEnded) settle();
    }

    function settle(): void {
      clearTimeout(timer);
      request.off('data', onData).off('end', onEnd).off('close', onClose);
      if (failure) reject(failure);
      else resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks, length));
    }
  });
}

function isGzip({ headers }: IncomingMessage): boolean {
  const encoding = headers['content-encoding']?.trim().toLowerCase() || 'identity';
  if (encoding === 'gzip' || encoding === 'identity') return encoding === 'gzip';
  throw new OtlpRequestError(415, `content-encoding: expected gzip or none, got ${encoding}`);
}

function unpack(request: IncomingMessage, gunzip: Gunzip, chunk: Buffer): void {
  if (gunzip.write(chunk)) return;
  request.pause();
  gunzip.once('drain', () => request.resume());
}

function tooLarge(bodyBytes: number): OtlpRequestError {
  return new OtlpRequestError(
    413,
    `the body has more than the ${bodyBytes} bytes that are taken: send fewer in a request, as with ` +
      'OTEL_BSP_MAX_EXPORT_BATCH_SIZE and OTEL_BLRP_MAX_EXPORT_BATCH_SIZE',
  );
}
