import type { ServiceEdge, ServiceMap } from '../../../src/api.ts';
import { listHref } from '../query-url.ts';

/** The traces of a service, or those that name what is none. */
export function nodeHref(node: ServiceMap['nodes'][number]): string {
  return node.external ? listHref({ text: externalText(node.service) }) : listHref({ service: node.service });
}

/** The traces in which one calls the other: those of the callee that also have the caller in them. */
export function edgeHref(edge: ServiceEdge, external: boolean): string {
  if (external) return listHref({ service: edge.from, text: externalText(edge.to) });
  return listHref({ service: edge.to, text: edge.from });
}

/** What is no service is named by up to two attributes of its callers' spans (`postgresql shop`): the last finds it. */
function externalText(name: string): string {
  const last = name.split(' ').at(-1) ?? name;
  // A port is an attribute of its own.
  return last.replace(/:\d+$/, '');
}
