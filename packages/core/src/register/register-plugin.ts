import * as threads from 'node:worker_threads';

// By the package's name: the file of which this is a part is not to be a second copy of it.
import { initTracing } from '@org/tracing-core';

import { callSafely } from './call-safely.ts';
import { tellUntracedRequest } from './met-libraries.ts';

/** A plugin that traces every instance of its library. */
export interface PluginRegistration {
  /** The plugin's own package.json, whose peers say which versions of the library it knows. */
  readonly manifest: {
    readonly name: string;
    readonly peerDependencies: Readonly<Record<string, string>>;
  };
  /** The library's package. */
  readonly library: string;
  /**
   * Called once in each thread, after `initTracing`.
   *
   * @param range The versions of the library that the plugin knows.
   */
  start(range: string): void;
}

/** Held by this thread for every copy of this package: names of the plugins that are registered. */
const REGISTERED = Symbol.for('@org/tracing.registered-plugins');

/**
 * Sets up tracing from the environment alone, unless another plugin has done so, and starts the plugin. Never throws: what
 * fails is told by `diag`, and the application runs untraced. A second call for the same plugin, by whatever copy of it,
 * does nothing.
 */
export function registerPlugin({ manifest, library, start }: PluginRegistration): void {
  if (isLoaderThread()) return;
  const registered = ((globalThis as { [REGISTERED]?: Set<string> })[REGISTERED] ??= new Set());
  if (registered.has(manifest.name)) return;
  const isFirst = registered.size === 0;
  registered.add(manifest.name);
  callSafely(`${manifest.name}/register: ${library} is not traced`, () => {
    if (isFirst) {
      initTracing();
      tellUntracedRequest(registered);
    }
    const range = manifest.peerDependencies[library];
    if (range === undefined) throw new TypeError(`${manifest.name} names no versions of ${library}`);
    start(range);
  });
}

/**
 * Whether this is Node's own thread for loader hooks, which runs what `--require` names as well. Node 20 does not say so;
 * there it is the one thread that has no program.
 */
function isLoaderThread(): boolean {
  const { isInternalThread } = threads as { isInternalThread?: boolean };
  return isInternalThread ?? (!threads.isMainThread && process.argv[1] === undefined);
}
