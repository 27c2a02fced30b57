import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { onTestFinished } from 'vitest';

import { openViewer, type OpenViewer } from '../src/open-viewer.ts';
import type { ViewerOptions } from '../src/viewer-options.ts';

/** A viewer on a free port until the test ends, with a page of two files. */
export async function runningViewer(options: ViewerOptions = {}): Promise<OpenViewer> {
  const viewer = await openViewer({ port: 0, ...options }, pageFolder());
  onTestFinished(() => viewer.close());
  return viewer;
}

/** A folder with a built page, beside a file that is none of it. */
export function pageFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'viewer-page-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'page/assets'), { recursive: true });
  writeFileSync(join(folder, 'secret.txt'), 'secret');
  writeFileSync(join(folder, 'page/.hidden.txt'), 'secret');
  writeFileSync(join(folder, 'page/index.html'), '<!doctype html><title>Traces</title>');
  writeFileSync(join(folder, 'page/assets/index-abc123.js'), 'export {};');
  return join(folder, 'page');
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Sends the text of a request as it is and reads the answer, over a connection of its own. */
export async function ask(
  viewer: { readonly url: string },
  head: readonly string[],
  body = '',
): Promise<RawAnswer> {
  const { hostname, port } = new URL(viewer.url);
  const socket = connect(Number(port), hostname);
  let text = '';
  socket.setEncoding('utf8').on('data', (chunk) => (text += String(chunk)));
  socket.write(
    [...head, 'Connection: close', `Content-Length: ${Buffer.byteLength(body)}`, '', body].join('\r\n'),
  );
  await once(socket, 'close');
  const end = text.indexOf('\r\n\r\n');
  const [first = '', ...lines] = text.slice(0, end).split('\r\n');
  const headers = lines.map((line) => [
    line.split(':', 1)[0]!.toLowerCase(),
    line.slice(line.indexOf(':') + 2),
  ]);
  return {
    status: Number(first.split(' ')[1]),
    headers: Object.fromEntries(headers),
    body: text.slice(end + 4),
  };
}
