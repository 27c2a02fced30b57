/**
 * When what was set before is on the screen: to draw a long list may take longer than to fetch it, and who rests in
 * proportion to its work must count both. A page that is not seen draws nothing, and waits.
 */
export function drawn(): Promise<void> {
  return new Promise((resolve) => {
    requestAnimationFrame(() => setTimeout(resolve));
  });
}
