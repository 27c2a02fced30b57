import type { Attributes } from '@opentelemetry/api';

/** Those of the kit's SERVER span for `GET /hello/:name`. */
export const SERVER_ATTRIBUTES: Attributes = {
  'http.request.method': 'GET',
  'url.scheme': 'http',
  'url.path': '/hello/world',
  'url.query': 'greeting=good%20morning',
  'server.address': '127.0.0.1',
  'server.port': 3000,
  'client.address': '127.0.0.1',
  'network.peer.address': '127.0.0.1',
  'network.peer.port': 54_321,
  'network.protocol.version': '1.1',
  'user_agent.original': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  'http.route': '/hello/:name',
  'http.response.status_code': 200,
};

/** So many attributes, two texts to a number. */
export function someAttributes(count: number): Attributes {
  return Object.fromEntries(
    Array.from({ length: count }, (_, index) => [
      `app.attribute.${index}`,
      index % 3 === 2 ? index * 1000 : `value of attribute ${index}`,
    ]),
  );
}
