import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { startService } from '@org/tracing-testing';

/** A registry of npm on this machine, empty at first. */
export interface LocalRegistry extends AsyncDisposable {
  readonly url: string;
  /** Path of an `.npmrc` by which npm and pnpm may publish there. */
  readonly userConfig: string;
}

/**
 * Starts a registry, as a process of its own, that keeps everything in this folder.
 *
 * @param refused The number, from 1, of the one publication that it refuses. Default: none.
 */
export async function startLocalRegistry(folder: string, refused?: number): Promise<LocalRegistry> {
  mkdirSync(folder, { recursive: true });
  const service = await startService({
    entry: fileURLToPath(new URL('../dist/registry-server.js', import.meta.url)),
    args: [folder, ...(refused === undefined ? [] : [String(refused)])],
    timeoutMillis: 60_000,
  });
  const token = await signUp(service.url);
  const userConfig = join(folder, 'user-npmrc');
  writeFileSync(userConfig, `${service.url.replace('http:', '')}/:_authToken=${token}\n`);
  return {
    url: service.url,
    userConfig,
    async [Symbol.asyncDispose]() {
      await service.stop();
    },
  };
}

/** The token of a user that exists in this registry alone, and goes with it. */
async function signUp(url: string): Promise<string> {
  const response = await fetch(`${url}/-/user/org.couchdb.user:rehearsal`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'rehearsal', password: 'a-rehearsal-of-a-release' }),
  });
  const { token } = (await response.json()) as { token?: string };
  if (token === undefined) throw new Error(`The registry made no user: ${response.status}`);
  return token;
}
