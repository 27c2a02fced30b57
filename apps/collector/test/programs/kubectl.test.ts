import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';

import { KUSTOMIZATIONS, readKustomization } from '../../src/kustomizations.ts';
import { asMapping, at, items, parseDocuments, ROOT } from '../../src/yaml-files.ts';
import type { Mapping } from '../../src/yaml-files.ts';

test.each(KUSTOMIZATIONS)('kubectl builds %s, with the maps of which the tests know', (folder) => {
  const built = build(ROOT + folder);
  const { documents, maps } = readKustomization(folder);
  expect(built).toHaveLength(documents.length + maps.size);
  for (const [name, { files, literals }] of maps) {
    const content = [...files].map(([key, file]) => [key, readFileSync(ROOT + file, 'utf8')]);
    expect(mapOf(built, name), name).toEqual(Object.fromEntries([...content, ...literals]));
  }
});

test('with Kafka the gateway has the two other files', () => {
  const folder = mkdtempSync(join(tmpdir(), 'collector-gateway-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  cpSync(`${ROOT}gateway`, folder, { recursive: true });
  const kustomization = readFileSync(join(folder, 'kustomization.yaml'), 'utf8');
  writeFileSync(
    join(folder, 'kustomization.yaml'),
    kustomization.replaceAll(/files: \[collector\.yaml=/g, 'files: [collector.yaml=kafka/'),
  );
  const built = build(folder);
  for (const tier of ['front', 'sampling']) {
    expect(mapOf(built, `observability/gateway-${tier}`)).toEqual({
      'collector.yaml': readFileSync(`${ROOT}gateway/kafka/${tier}.yaml`, 'utf8'),
    });
  }
});

function build(folder: string): Mapping[] {
  return parseDocuments(execFileSync('kubectl', ['kustomize', folder], { encoding: 'utf8' }), folder);
}

/** The data of a map, whose name has the hash of its content behind it. */
function mapOf(documents: readonly Mapping[], name: string): Mapping {
  const found = documents.filter(({ kind, metadata }) => {
    const full = `${String(at(metadata, 'namespace'))}/${String(at(metadata, 'name'))}`;
    return kind === 'ConfigMap' && full.replace(/-[a-z0-9]{10}$/, '') === name;
  });
  return asMapping(items(found)[0], name)['data'] as Mapping;
}
