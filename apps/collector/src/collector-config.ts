import { asMapping, at, entries, isMapping, readDocuments, texts } from './yaml-files.ts';
import type { Mapping, Value } from './yaml-files.ts';

export type ComponentKind = 'receivers' | 'processors' | 'exporters' | 'connectors' | 'extensions';

export const KINDS: readonly ComponentKind[] = [
  'receivers',
  'processors',
  'exporters',
  'connectors',
  'extensions',
];

export interface Pipeline {
  /** `traces`, `traces/kept`. */
  readonly id: string;
  readonly receivers: readonly string[];
  readonly processors: readonly string[];
  readonly exporters: readonly string[];
}

/** A configuration of the collector, as its files say it. */
export class CollectorConfig {
  readonly source: Mapping;

  constructor(source: Mapping) {
    this.source = source;
  }

  /** The components of one kind, each with its options. */
  components(kind: ComponentKind): [id: string, options: Value][] {
    return entries(this.source[kind]);
  }

  ids(kind: ComponentKind): string[] {
    return this.components(kind).map(([id]) => id);
  }

  pipelines(): Pipeline[] {
    return entries(at(this.source, 'service', 'pipelines')).map(([id, pipeline]) => ({
      id,
      receivers: texts(at(pipeline, 'receivers')),
      processors: texts(at(pipeline, 'processors')),
      exporters: texts(at(pipeline, 'exporters')),
    }));
  }

  startedExtensions(): string[] {
    return texts(at(this.source, 'service', 'extensions'));
  }
}

/** Reads the files and lays each over those before it. */
export function readCollectorConfig(files: readonly string[]): CollectorConfig {
  const layers = files.map((file) => asMapping(readDocuments(file)[0], file));
  return new CollectorConfig(layers.reduce((below, above) => overlay(below, above)));
}

/** As the collector merges its `--config` files: mappings key by key, anything else is replaced. */
export function overlay(below: Mapping, above: Mapping): Mapping {
  const merged: Record<string, Value> = Object.fromEntries(entries(below));
  for (const [key, value] of entries(above)) {
    const lower = merged[key];
    merged[key] = isMapping(lower) && isMapping(value) ? overlay(lower, value) : value;
  }
  return merged;
}

/** `otlp_http/traces` is of the type `otlp_http`. */
export function typeOf(id: string): string {
  return id.split('/', 1)[0] ?? id;
}
