import type { AddressInfo } from 'node:net';

/** Node's channel tells of each server once it listens: from then on, the kernel takes connections for it. */
const PROGRAM = `
import { subscribe } from 'node:diagnostics_channel';
import { writeSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';
if (isMainThread && process.ppid === PARENT) {
  subscribe('tracing:net.server.listen:asyncEnd', ({ server }) => {
    const report = { address: server.address(), secure: 'setSecureContext' in server };
    try { writeSync(3, JSON.stringify(report) + '\\n'); } catch {}
  });
}`;

/**
 * Options of Node that make a process write to its file descriptor 3 where it listens, a line of JSON for each server. The
 * processes and threads that it starts, which get its options, do not.
 */
export function reportingArguments(): string[] {
  const program = PROGRAM.replace('PARENT', String(process.pid));
  return ['--import', `data:text/javascript,${encodeURIComponent(program)}`];
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
