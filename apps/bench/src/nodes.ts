import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';

/** A Node that runs what is measured. */
export interface NodeProgram {
  readonly path: string;
  /** As in "24.21.0". */
  readonly version: string;
}

interface NodeVersions {
  readonly NODE_MAJORS: readonly number[];
  hasOtherNodes(): boolean;
  provideNode(major: number): NodeProgram;
}

/** The Node of this process. */
export const OWN_NODE: NodeProgram = { path: process.execPath, version: process.versions.node };

/**
 * The Node that the command line names.
 *
 * @throws TypeError where it is neither a major version that there is nor a program that runs.
 */
export async function nodeNamed(name: string): Promise<NodeProgram> {
  const { NODE_MAJORS, provideNode } = await nodeVersions();
  if (/^\d+$/.test(name)) {
    if (NODE_MAJORS.includes(Number(name))) return provideNode(Number(name));
    throw new TypeError(`--node: expected one of ${NODE_MAJORS.join(', ')} or a path, got "${name}"`);
  }
  const path = resolve(name);
  const { stdout } = spawnSync(path, ['--version'], { encoding: 'utf8' });
  const version = /^v(\d+\.\d+\.\S+)/.exec(stdout ?? '')?.[1];
  if (version === undefined) throw new TypeError(`--node: "${name}" is no Node that runs here`);
  return { path, version };
}

/** The newest Node that the packages are tested on; undefined where that is this one, or npm has none for this machine. */
export async function newestNode(): Promise<NodeProgram | undefined> {
  const { NODE_MAJORS, hasOtherNodes, provideNode } = await nodeVersions();
  const newest = Math.max(...NODE_MAJORS);
  if (!hasOtherNodes() || majorOf(OWN_NODE) === newest) return undefined;
  return provideNode(newest);
}

/** The part of the version that counts. */
export function majorOf({ version }: Pick<NodeProgram, 'version'>): number {
  return Number(version.split('.')[0]);
}

/** Shared with `pnpm test:matrix`. */
async function nodeVersions(): Promise<NodeVersions> {
  const url = new URL('../../../scripts/node-versions.mjs', import.meta.url);
  return (await import(url.href)) as NodeVersions;
}
