export { startViewer } from './start-viewer.ts';
export type { Viewer, ViewerOptions } from './viewer-options.ts';
export { version } from './version.ts';
