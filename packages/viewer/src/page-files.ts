import { readFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { extname, join } from 'node:path';

import { RequestProblem } from './request-problem.ts';

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.woff2': 'font/woff2',
};

/** The page's own addresses, which its script reads. */
const PAGES = /^\/(?:trace\/[^/]+|map)?\/?$/;
/** Names of files below the folder: no part begins with a dot, and nothing is decoded. */
const FILE = /^(?:\/[\w-][\w.-]*)+$/;
/** The build puts a hash into the names of these. */
const FOREVER = /^\/assets\//;

/**
 * Answers with the built page: its files, and for each of its addresses its one HTML file.
 *
 * @param folder Nothing outside of it is read.
 * @throws RequestProblem (404) for any other path, (503) where the page is not built.
 */
export async function answerPage(folder: string, path: string, response: ServerResponse): Promise<void> {
  const isPage = PAGES.test(path);
  const name = isPage ? '/index.html' : path;
  const type = TYPES[extname(name)];
  if (!FILE.test(name) || type === undefined) throw notFound(path);
  const body = await readFile(join(folder, name)).catch((cause: unknown) => {
    if (!isPage) throw notFound(path);
    throw new RequestProblem(503, `the page is not built: there is no ${name} in ${folder}`, { cause });
  });
  response.writeHead(200, {
    'content-type': type,
    'content-length': body.length,
    'cache-control': FOREVER.test(name) ? 'public, max-age=31536000, immutable' : 'no-cache',
  });
  response.end(body);
}

function notFound(path: string): RequestProblem {
  return new RequestProblem(404, `there is nothing at ${path.slice(0, 200)}`);
}
