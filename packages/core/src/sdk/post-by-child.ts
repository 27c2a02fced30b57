import { spawnSync } from 'node:child_process';
import { basename } from 'node:path';
import { gzipSync } from 'node:zlib';

import type { OtlpSettings } from './otlp-settings.ts';

/** Milliseconds that the end of a process is held up for at most. */
const AT_MOST_MILLIS = 1000;

/** Reads a line of JSON and, behind it, the body; ends with 0 where the receiver took it. */
const PROGRAM = `
const chunks = [];
process.exitCode = 1;
process.stdin.on('data', (chunk) => chunks.push(chunk)).on('end', () => {
  const input = Buffer.concat(chunks);
  const end = input.indexOf(10);
  const { url, ...options } = JSON.parse(input.subarray(0, end).toString());
  require(url.startsWith('https:') ? 'https' : 'http')
    .request(url, { method: 'POST', ...options }, (answer) => {
      if (answer.statusCode >= 200 && answer.statusCode < 300) process.exitCode = 0;
      answer.resume();
    })
    .on('error', () => undefined)
    .end(input.subarray(end + 1));
});
`;

/**
 * Sends one body from a process of its own and waits for it, a second at most: for a process that ends and has no event
 * loop any more. What it is told goes by standard input, since other users may read arguments.
 *
 * @returns Whether the receiver took it. False too where this program is not Node itself but an application packed with
 *   it, which cannot be started as Node.
 */
export function postByChild(
  { url, headers, compression, tls }: OtlpSettings,
  contentType: string,
  body: Uint8Array,
): boolean {
  if (!/^node(?:js)?\d*(?:\.exe)?$/i.test(basename(process.execPath))) return false;
  const isPacked = compression === 'gzip';
  const packed = isPacked ? gzipSync(body) : body;
  const about = {
    url,
    headers: {
      ...headers,
      'content-type': contentType,
      'content-length': packed.length,
      ...(isPacked && { 'content-encoding': 'gzip' }),
    },
    ca: tls.ca?.toString(),
    cert: tls.cert?.toString(),
    key: tls.key?.toString(),
  };
  const { status } = spawnSync(process.execPath, ['--eval', PROGRAM], {
    input: Buffer.concat([Buffer.from(`${JSON.stringify(about)}\n`), packed]),
    timeout: AT_MOST_MILLIS,
    killSignal: 'SIGKILL',
    stdio: ['pipe', 'ignore', 'ignore'],
    windowsHide: true,
    // NODE_OPTIONS may load what instruments it.
    env: trustOf(process.env),
  });
  return status === 0;
}

function trustOf({ NODE_EXTRA_CA_CERTS: ca }: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return ca === undefined ? {} : { NODE_EXTRA_CA_CERTS: ca };
}
