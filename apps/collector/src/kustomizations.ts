import { asMapping, at, entries, items, readDocuments, texts } from './yaml-files.ts';
import type { Mapping, Value } from './yaml-files.ts';

/** Folders that `kubectl apply --kustomize` takes. */
export const KUSTOMIZATIONS: readonly string[] = ['kubernetes/sidecar', 'kubernetes/daemonset', 'gateway'];

/** A map of configuration that kustomize makes. */
export interface GeneratedMap {
  /** By the name that they get: `collector.yaml`. Files below `apps/collector`. */
  readonly files: ReadonlyMap<string, string>;
  readonly literals: ReadonlyMap<string, string>;
}

/** What one folder puts into a cluster. */
export interface Deployed {
  readonly folder: string;
  readonly documents: readonly Mapping[];
  /** By `namespace/name`. */
  readonly maps: ReadonlyMap<string, GeneratedMap>;
}

/** Reads a folder as kustomize does. */
export function readKustomization(folder: string): Deployed {
  const file = `${folder}/kustomization.yaml`;
  const kustomization = asMapping(readDocuments(file)[0], file);
  return {
    folder,
    documents: texts(kustomization['resources']).flatMap((resource) =>
      readDocuments(`${folder}/${resource}`),
    ),
    maps: new Map(
      items(kustomization['configMapGenerator']).map((generator) => generatedMap(folder, generator)),
    ),
  };
}

/** The documents of one kind. */
export function ofKind({ documents }: Deployed, ...kinds: readonly string[]): Mapping[] {
  return documents.filter(({ kind }) => typeof kind === 'string' && kinds.includes(kind));
}

/** `namespace/name` of a document. */
export function nameOf(document: Value | undefined): string {
  return `${String(at(document, 'metadata', 'namespace') ?? '')}/${String(at(document, 'metadata', 'name'))}`;
}

/** Whether all labels that are asked for are there. */
export function selects(selector: Value | undefined, labels: Value | undefined): boolean {
  const wanted = entries(selector);
  return wanted.length > 0 && wanted.every(([label, value]) => at(labels, label) === value);
}

function generatedMap(folder: string, generator: Value): [string, GeneratedMap] {
  const name = `${String(at(generator, 'namespace') ?? '')}/${String(at(generator, 'name'))}`;
  const files = texts(at(generator, 'files')).map((text): [string, string] => {
    const [key = '', file = key] = text.split('=');
    return [key, `${folder}/${file}`];
  });
  const literals = texts(at(generator, 'literals')).map((text): [string, string] => {
    const end = text.indexOf('=');
    return [text.slice(0, end), text.slice(end + 1)];
  });
  return [name, { files: new Map(files), literals: new Map(literals) }];
}
