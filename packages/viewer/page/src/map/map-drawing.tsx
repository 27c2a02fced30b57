import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';

import type { ServiceEdge, ServiceMap } from '../../../src/api.ts';
import { cut, durationText, percentText, plural, rateText } from '../format.ts';
import { serviceClass } from '../service-chip.tsx';
import { layOutMap, NODE_HEIGHT, NODE_WIDTH } from './map-layout.ts';
import { edgeHref, nodeHref } from './map-hrefs.ts';

const NAME_LENGTH = 21;

/** The services as boxes and their calls as lines; each is a link to its traces. The tables say the same. */
export function MapDrawing({ map }: { readonly map: ServiceMap }): JSX.Element {
  // Figures change with every call, places only with who calls whom.
  const shape = JSON.stringify([
    map.nodes.map(({ service }) => service),
    map.edges.map(({ from, to }) => [from, to]),
  ]);
  const layout = useMemo(() => layOutMap(map), [shape]);
  const nodes = new Map(map.nodes.map((node) => [node.service, node]));
  const edges = new Map(map.edges.map((edge) => [edgeKey(edge), edge]));
  const most = map.edges.reduce((calls, edge) => Math.max(calls, edge.calls), 1);
  const drawn = layout.edges.flatMap((placed) => {
    const edge = edges.get(edgeKey(placed));
    if (edge === undefined) return [];
    return [{ placed, edge, href: edgeHref(edge, nodes.get(edge.to)?.external === true) }];
  });
  return (
    // It scrolls on small screens, so it must be reached by keyboard.
    <section class="map-drawing" aria-label="Drawing of the map" tabIndex={0}>
      <svg width={layout.width} height={layout.height} viewBox={`0 0 ${layout.width} ${layout.height}`}>
        <defs>
          <marker
            id="arrow"
            viewBox="0 0 8 8"
            refX="7"
            refY="4"
            markerWidth="8"
            markerHeight="8"
            markerUnits="userSpaceOnUse"
            orient="auto"
          >
            <path d="M0 0 L8 4 L0 8 z" class="arrow" />
          </marker>
        </defs>
        {drawn.map(({ placed, edge, href }) => (
          <a key={edgeKey(edge)} href={href} aria-label={edgeText(edge)} class={edgeClass(edge)}>
            <title>{edgeText(edge)}</title>
            <path d={placed.path} class="hit" />
            <path
              d={placed.path}
              class="line"
              stroke-width={1 + 2.5 * Math.sqrt(edge.calls / most)}
              marker-end="url(#arrow)"
            />
          </a>
        ))}
        {drawn.map(({ placed, edge, href }) => (
          // Over all lines. The same link again, for the pointer alone.
          <a key={edgeKey(edge)} href={href} aria-hidden="true" tabindex={-1} class={edgeClass(edge)}>
            <EdgeLabel edge={edge} x={placed.x} y={placed.y} />
          </a>
        ))}
        {layout.nodes.map(({ service, x, y }) => {
          const node = nodes.get(service);
          if (node === undefined) return null;
          return (
            <a key={service} href={nodeHref(node)} class={node.external ? 'node external' : 'node'}>
              {service.length > NAME_LENGTH && <title>{service}</title>}
              <g transform={`translate(${x - NODE_WIDTH / 2} ${y - NODE_HEIGHT / 2})`}>
                <rect class="box" width={NODE_WIDTH} height={NODE_HEIGHT} rx="5" />
                {!node.external && (
                  <rect class={`stripe ${serviceClass(service)}`} width="5" height={NODE_HEIGHT} rx="2" />
                )}
                <text class="name" x="16" y="24">
                  {cut(service, NAME_LENGTH)}
                </text>
                <text class="label-left" x="16" y="43">
                  {plural(node.requests, node.external ? 'call' : 'request')}
                  {node.errors > 0 && <tspan class="bad">{`  ✕ ${node.errors}`}</tspan>}
                </text>
              </g>
            </a>
          );
        })}
      </svg>
      <p class="legend dim">On the lines: calls a second and in all, then p50 / p99 of their duration.</p>
    </section>
  );
}

function EdgeLabel({
  edge,
  x,
  y,
}: {
  readonly edge: ServiceEdge;
  readonly x: number;
  readonly y: number;
}): JSX.Element {
  const failing = edge.errors > 0;
  return (
    <g transform={`translate(${x} ${y})`}>
      <rect class="label-box" x="-62" y="-19" width="124" height={failing ? 48 : 34} rx="3" />
      <text class="label" y="-6">
        {rateText(edge.perSecond)} · {plural(edge.calls, 'call')}
      </text>
      <text class="label dim" y="9">
        {durationText(edge.p50Ms * 1000)} / {durationText(edge.p99Ms * 1000)}
      </text>
      {failing && (
        <text class="label bad" y="24">
          ✕ {percentText(edge.errorRate)} failed
        </text>
      )}
    </g>
  );
}

function edgeClass({ errors }: ServiceEdge): string {
  return errors > 0 ? 'edge failing' : 'edge';
}

function edgeKey({ from, to }: Pick<ServiceEdge, 'from' | 'to'>): string {
  return JSON.stringify([from, to]);
}

function edgeText(edge: ServiceEdge): string {
  const { from, to, calls, perSecond, errorRate, p50Ms, p99Ms } = edge;
  const times = `p50 ${durationText(p50Ms * 1000)}, p99 ${durationText(p99Ms * 1000)}`;
  return `${from} to ${to}: ${plural(calls, 'call')}, ${rateText(perSecond)}, ${percentText(errorRate)} failed, ${times}`;
}
