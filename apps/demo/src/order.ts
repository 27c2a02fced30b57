import type { System } from './system.ts';

const ORDER = JSON.stringify({ sku: 'anvil', quantity: 2 });

/** Sends an order to the dispatcher, says it and its answer, and gives the request's id. */
export async function sendOrder(
  { services: { dispatcher } }: System,
  say: (line: string) => void,
): Promise<string> {
  // A Blob brings its own content type.
  const body = new Blob([ORDER], { type: 'application/json' });
  say(`\nPOST ${dispatcher.url}/dispatch ${ORDER}`);
  const response = await fetch(`${dispatcher.url}/dispatch`, { method: 'POST', body });
  const requestId = response.headers.get('x-request-id') ?? '';
  say(`${response.status} ${await response.text()}, x-request-id: ${requestId}\n`);
  return requestId;
}

/** Says how to send an order of one's own. */
export function sayHowToOrder({ services: { dispatcher } }: System, say: (line: string) => void): void {
  say('The services stay up until Ctrl-C. Send a request, for the article "broken" too:\n');
  say(`  curl ${dispatcher.url}/dispatch -H 'content-type: application/json' -d '${ORDER}'\n`);
}
