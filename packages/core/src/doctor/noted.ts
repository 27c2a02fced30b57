import { fileURLToPath } from 'node:url';

import { sharedState } from '../shared-state.ts';
import { version } from '../version.ts';

/** What has been set up in this process, by any copy of this package, for the doctor to tell. */
export interface Noted {
  /** Copies of this package, by their folders. */
  readonly copies: Map<string, string>;
  /** Versions of the plugins that are registered, by their names. */
  readonly plugins: Map<string, string>;
  /** Loggers whose lines have trace ids, and how often that was asked for. */
  readonly loggers: Map<string, number>;
}

/** What is noted of this process; made on first use. */
export function noted(): Noted {
  return (sharedState().noted ??= { copies: new Map(), plugins: new Map(), loggers: new Map() });
}

/** Notes that this copy of the package is in use. */
export function noteCopy(): void {
  noted().copies.set(thisFolder(), version);
}

/**
 * Notes that a plugin is in use, so that the doctor does not miss it. A plugin for HTTP need not: `traceHttpServer` does.
 *
 * @param plugin The plugin's package name and version.
 * @returns Takes the note back.
 */
export function notePlugin(plugin: { readonly name: string; readonly version: string }): () => void {
  noteCopy();
  const { plugins } = noted();
  plugins.set(plugin.name, plugin.version);
  return () => void plugins.delete(plugin.name);
}

/** Notes that lines of a logger have trace ids. @returns Takes the note back. */
export function noteLogger(name: string): () => void {
  noteCopy();
  const { loggers } = noted();
  loggers.set(name, (loggers.get(name) ?? 0) + 1);
  let isNoted = true;
  return () => {
    if (!isNoted) return;
    isNoted = false;
    const others = (loggers.get(name) ?? 1) - 1;
    if (others > 0) loggers.set(name, others);
    else loggers.delete(name);
  };
}

/** Of this package; a bundle of an application has none. */
function thisFolder(): string {
  // A bundle in CommonJS has no `import.meta.url`, whatever the types say.
  const here = import.meta.url as string | undefined;
  const [, folder] = /^(.*)\/(?:dist\/tracing-core\.js|src\/doctor\/noted\.ts)$/.exec(here ?? '') ?? [];
  return folder === undefined ? 'bundle' : fileURLToPath(folder);
}
