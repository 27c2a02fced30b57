// `pnpm release:rehearse`: a whole release of a copy of this repository, to a registry on this machine.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { outsideProject, versionsHere } from './outside-project.ts';
import { rehearsePublishing } from './rehearse-publishing.ts';
import { releaseCopy } from './release-copy.ts';
import { smokeTest } from './smoke-test.ts';

const LIBRARIES = ['@koa/router', '@opentelemetry/api', 'express', 'fastify', 'koa', 'pg'];

const folder = mkdtempSync(join(tmpdir(), 'tracing-rehearsal-'));
try {
  await rehearse();
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function rehearse(): Promise<void> {
  using copy = releaseCopy();
  await using rehearsal = await rehearsePublishing(copy, folder, say);
  const { registry, version, names } = rehearsal;
  for (const packageManager of ['npm', 'pnpm'] as const) {
    using project = outsideProject({
      packageManager,
      ours: names,
      theirs: versionsHere(...LIBRARIES),
      published: { registry: registry.url, version, store: join(folder, 'store') },
    });
    say(`${packageManager} install: all ${names.length} packages`);
    const bins = [...new Set(copy.packages().flatMap((each) => each.bins))];
    for (const line of await smokeTest(project, bins)) say(`${packageManager}: ${line}`);
  }
  say(`The release of ${version} is rehearsed`);
}

function say(line: string): void {
  console.log(`✓ ${line}`);
}
