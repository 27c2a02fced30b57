import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';

/** Makes a process write to its file descriptor 3 where it listens, a line of JSON for each server. */
export interface ListeningReport {
  /** Options of Node. */
  readonly execArgv: readonly string[];
  /** Its variable, which it takes away: what the process starts is not asked. */
  readonly env: Readonly<Record<string, string>>;
}

/** The options and the variable with which a process reports. */
export function listeningReport(): ListeningReport {
  // By the package's name, since it is beside what is built alone.
  const manifest = createRequire(import.meta.url).resolve('@org/tracing-testing/package.json');
  return {
    execArgv: ['--require', join(dirname(manifest), 'dist/tell-listening.cjs')],
    env: { TRACING_TESTING_TELLS: '3' },
  };
}

/**
 * Where a process listens, of a line of its report; undefined where that is another port than `wanted`.
 *
 * @param wanted 0 for any.
 */
export function reportedUrl(line: string, wanted: number): string | undefined {
  const { address, secure } = JSON.parse(line) as { address: AddressInfo | string | null; secure: boolean };
  // A pipe has a path, and a server that is closed again nothing.
  if (typeof address !== 'object' || address === null) return undefined;
  if (wanted !== 0 && address.port !== wanted) return undefined;
  const isEvery = address.address === '0.0.0.0' || address.address === '::';
  const own = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return `${secure ? 'https' : 'http'}://${isEvery ? '127.0.0.1' : own}:${address.port}`;
}
