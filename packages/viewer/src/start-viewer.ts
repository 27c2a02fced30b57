import { openViewer } from './open-viewer.ts';
import type { Viewer, ViewerOptions } from './viewer-options.ts';

/**
 * Starts a viewer in this process: an OTLP receiver, what it holds, and the page that shows it, on one port.
 *
 * @throws TypeError for a wrong option; Error where the port is in use, which says what to do.
 * @example
 * await using viewer = await startViewer({ port: 0 });
 * const env = { OTEL_EXPORTER_OTLP_ENDPOINT: viewer.url };
 */
export async function startViewer(options: ViewerOptions = {}): Promise<Viewer> {
  const { url, takeLogLine, close } = await openViewer(options);
  return { url, takeLogLine, close, [Symbol.asyncDispose]: close };
}
