import type { JSX } from 'preact';

import type { ServiceMap } from '../../../src/api.ts';
import { countText, cut, durationText, percentText, rateText } from '../format.ts';
import { ServiceChip } from '../service-chip.tsx';
import { edgeHref, nodeHref } from './map-hrefs.ts';

/** The calls between services, the most frequent first. */
export function CallTable({ map }: { readonly map: ServiceMap }): JSX.Element {
  const external = new Set(map.nodes.filter((node) => node.external).map(({ service }) => service));
  return (
    <div class="table-box" tabIndex={0} role="group" aria-label="Calls">
      <table class="figures">
        <caption>Calls</caption>
        <thead>
          <tr>
            <th scope="col">From</th>
            <th scope="col">To</th>
            <th scope="col" class="number">
              Calls
            </th>
            <th scope="col" class="number">
              Rate
            </th>
            <th scope="col" class="number">
              Failed
            </th>
            <th scope="col" class="number">
              p50
            </th>
            <th scope="col" class="number">
              p99
            </th>
            <th scope="col">
              <span class="unseen">Traces</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {map.edges
            .toSorted((a, b) => b.calls - a.calls)
            .map((edge) => (
              <tr key={JSON.stringify([edge.from, edge.to])}>
                <td>
                  <ServiceChip name={edge.from} />
                </td>
                <td>
                  {external.has(edge.to) ? (
                    <bdi class="dim">{cut(edge.to, 80)}</bdi>
                  ) : (
                    <ServiceChip name={edge.to} />
                  )}
                </td>
                <td class="number">{countText(edge.calls)}</td>
                <td class="number">{rateText(edge.perSecond)}</td>
                <td class={edge.errors > 0 ? 'number error' : 'number'}>
                  {edge.errors > 0 && <span aria-hidden="true">✕ </span>}
                  {percentText(edge.errorRate)}
                </td>
                <td class="number">{durationText(edge.p50Ms * 1000)}</td>
                <td class="number">{durationText(edge.p99Ms * 1000)}</td>
                <td>
                  <a
                    href={edgeHref(edge, external.has(edge.to))}
                    aria-label={`Traces of calls from ${edge.from} to ${edge.to}`}
                  >
                    Traces
                  </a>
                </td>
              </tr>
            ))}
        </tbody>
      </table>
    </div>
  );
}

/** The services, the busiest first. */
export function ServiceTable({ map }: { readonly map: ServiceMap }): JSX.Element {
  return (
    <div class="table-box" tabIndex={0} role="group" aria-label="Services">
      <table class="figures">
        <caption>Services</caption>
        <thead>
          <tr>
            <th scope="col">Service</th>
            <th scope="col" class="number">
              Requests
            </th>
            <th scope="col" class="number">
              Errors
            </th>
          </tr>
        </thead>
        <tbody>
          {map.nodes
            .toSorted((a, b) => Number(a.external) - Number(b.external) || b.requests - a.requests)
            .map((node) => (
              <tr key={node.service}>
                <td>
                  <a href={nodeHref(node)}>
                    {node.external ? <bdi>{cut(node.service, 80)}</bdi> : <ServiceChip name={node.service} />}
                  </a>
                  {node.external && <span class="tag">no spans of its own</span>}
                </td>
                <td class="number">{countText(node.requests)}</td>
                <td class={node.errors > 0 ? 'number error' : 'number'}>
                  {node.errors > 0 && <span aria-hidden="true">✕ </span>}
                  {countText(node.errors)}
                </td>
              </tr>
            ))}
        </tbody>
      </table>
    </div>
  );
}
