/** Resolves once the viewer at `url` holds the root of a trace. @throws Error where the viewer ends before. */
export async function traceIsShown(url: string, traceId: string): Promise<void> {
  // Whatever comes, the store has changed.
  const { body } = await fetch(`${url}/api/events`);
  const changes = body?.getReader();
  try {
    while (!(await hasRoot(url, traceId))) {
      if ((await changes?.read())?.done !== false) throw new Error('The viewer ended.');
    }
  } finally {
    await changes?.cancel();
  }
}

async function hasRoot(url: string, traceId: string): Promise<boolean> {
  const response = await fetch(`${url}/api/traces/${traceId}`);
  const { summary } = Object(await response.json()) as { summary?: { whole: boolean } };
  return summary?.whole === true;
}
