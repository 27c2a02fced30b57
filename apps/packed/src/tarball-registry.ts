import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename } from 'node:path';

/** A registry of npm that has what it was started with, and takes nothing. */
export interface TarballRegistry extends AsyncDisposable {
  readonly url: string;
}

interface Manifest {
  readonly name: string;
  readonly version: string;
}

interface PackedPackage {
  readonly manifest: Manifest;
  readonly file: string;
  readonly content: Buffer;
}

/**
 * No package manager waits for a package to get older than this: waiting is meant for what strangers publish, and these
 * are the reader's own.
 */
const PUBLISHED = new Date(0).toISOString();

/**
 * Serves packed packages to npm and pnpm, on this machine alone.
 *
 * @param tarballs The path of each, by the package's name.
 * @param port 0 for any that is free.
 * @throws Error when the port is in use.
 */
export async function startTarballRegistry(
  tarballs: Readonly<Record<string, string>>,
  port: number,
): Promise<TarballRegistry> {
  const packages = Object.values(tarballs).map(readTarball);
  const server = createServer((request, response) => {
    // The slash of a scoped name comes as %2f.
    const path = decodePath(request.url ?? '/').slice(1);
    const asked = packages.find(({ manifest, file }) => path === manifest.name || path === file);
    // What is built anew has the same version: nothing may be kept by name.
    response.setHeader('cache-control', 'no-store');
    if (!asked) return answerJson(response, 404, { error: `There is no ${path} here.` });
    if (path === asked.manifest.name) return answerJson(response, 200, packument(asked, url));
    response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(asked.content);
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

function readTarball(path: string): PackedPackage {
  const manifest = execFileSync('tar', ['-xzOf', path, 'package/package.json'], { encoding: 'utf8' });
  return { manifest: JSON.parse(manifest), file: basename(path), content: readFileSync(path) };
}

/** What a registry tells of a package: https://github.com/npm/registry/blob/main/docs/responses/package-metadata.md. */
function packument({ manifest, file, content }: PackedPackage, registry: string): object {
  const { name, version } = manifest;
  const hash = (algorithm: string, encoding: 'hex' | 'base64'): string =>
    createHash(algorithm).update(content).digest(encoding);
  const dist = {
    tarball: `${registry}/${file}`,
    shasum: hash('sha1', 'hex'),
    integrity: `sha512-${hash('sha512', 'base64')}`,
  };
  return {
    name,
    'dist-tags': { latest: version },
    versions: { [version]: { ...manifest, dist } },
    time: { created: PUBLISHED, modified: PUBLISHED, [version]: PUBLISHED },
  };
}

function decodePath(url: string): string {
  try {
    return decodeURIComponent(url);
  } catch {
    return url;
  }
}

function answerJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
