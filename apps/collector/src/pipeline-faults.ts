import { KINDS, typeOf } from './collector-config.ts';
import type { CollectorConfig, Pipeline } from './collector-config.ts';
import { at } from './yaml-files.ts';

/** What is wrong between the components of a configuration and its pipelines, one sentence each. */
export function pipelineFaults(config: CollectorConfig): string[] {
  const pipelines = config.pipelines();
  if (pipelines.length === 0) return ['there is no pipeline'];
  return [
    ...pipelines.flatMap((pipeline) => emptyEnds(pipeline)),
    ...undefinedUses(config, pipelines),
    ...unusedDefinitions(config, pipelines),
    ...connectorFaults(config, pipelines),
    ...pipelines.flatMap((pipeline) => orderFaults(config, pipeline)),
  ];
}

function emptyEnds({ id, receivers, exporters }: Pipeline): string[] {
  return [
    ...(receivers.length === 0 ? [`${id} has no receiver`] : []),
    ...(exporters.length === 0 ? [`${id} has no exporter`] : []),
  ];
}

/** Every use of a component, as `kind id`. A connector is used as an exporter and as a receiver. */
function uses(config: CollectorConfig, pipelines: readonly Pipeline[]): Set<string> {
  const connectors = new Set(config.ids('connectors'));
  const named = (kind: string, id: string) => `${connectors.has(id) ? 'connectors' : kind} ${id}`;
  return new Set([
    ...config.startedExtensions().map((id) => `extensions ${id}`),
    ...pipelines.flatMap(({ receivers, processors, exporters }) => [
      ...receivers.map((id) => named('receivers', id)),
      ...processors.map((id) => `processors ${id}`),
      ...exporters.map((id) => named('exporters', id)),
    ]),
  ]);
}

function definitions(config: CollectorConfig): Set<string> {
  return new Set(KINDS.flatMap((kind) => config.ids(kind).map((id) => `${kind} ${id}`)));
}

function undefinedUses(config: CollectorConfig, pipelines: readonly Pipeline[]): string[] {
  const defined = definitions(config);
  return [...uses(config, pipelines)].filter((use) => !defined.has(use)).map((use) => `not defined: ${use}`);
}

function unusedDefinitions(config: CollectorConfig, pipelines: readonly Pipeline[]): string[] {
  const used = uses(config, pipelines);
  return [...definitions(config)].filter((id) => !used.has(id)).map((id) => `not used: ${id}`);
}

function connectorFaults(config: CollectorConfig, pipelines: readonly Pipeline[]): string[] {
  return config.ids('connectors').flatMap((id) => {
    const from = pipelines.filter(({ exporters }) => exporters.includes(id)).map((pipeline) => pipeline.id);
    const to = pipelines.filter(({ receivers }) => receivers.includes(id)).map((pipeline) => pipeline.id);
    return [
      ...(from.length === 0 ? [`connector ${id} is the exporter of no pipeline`] : []),
      ...(to.length === 0 ? [`connector ${id} is the receiver of no pipeline`] : []),
      ...from
        .filter((pipeline) => to.includes(pipeline))
        .map((pipeline) => `connector ${id} leads from ${pipeline} to itself`),
    ];
  });
}

/**
 * `memory_limiter` comes first where a pipeline takes from outside, so that a refusal reaches the sender. `batch` comes last,
 * and only for exporters that make no batches of their own: it answers before anything is kept.
 */
function orderFaults(config: CollectorConfig, { id, receivers, processors, exporters }: Pipeline): string[] {
  const connectors = new Set(config.ids('connectors'));
  const outside = receivers.some((receiver) => !connectors.has(receiver));
  const batch = processors.findIndex((processor) => typeOf(processor) === 'batch');
  const batching = exporters.filter((exporter) =>
    at(config.source, 'exporters', exporter, 'sending_queue', 'batch'),
  );
  return [
    ...(outside && typeOf(processors[0] ?? '') !== 'memory_limiter'
      ? [`${id}: memory_limiter is not the first processor`]
      : []),
    ...(batch !== -1 && batch !== processors.length - 1 ? [`${id}: batch is not the last processor`] : []),
    ...(batch === -1
      ? []
      : batching.map((exporter) => `${id}: batch, and ${exporter} makes batches of its own`)),
  ];
}
