import { startViewer, type Viewer } from '@org/tracing-viewer';
import { onTestFinished } from 'vitest';

/** A viewer without anything in it, for the length of a test; a page that shows it is to be opened after it, and so ends before. */
export async function localViewer(): Promise<Viewer> {
  const viewer = await startViewer({ port: 0 });
  onTestFinished(() => viewer.close());
  return viewer;
}
