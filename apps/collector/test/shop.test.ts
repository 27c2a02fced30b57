import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';

import { startOtlpReceiver, startService } from '@org/tracing-testing';
import { expect, onTestFinished, test, vi } from 'vitest';

import { codeBlocks } from '../src/read-me.ts';
import { asMapping, at, items, ROOT } from '../src/yaml-files.ts';
import type { Value } from '../src/yaml-files.ts';

// npm installs what an image would have, and may warn of the Node that is here.
vi.setConfig({ testTimeout: 240_000 });

test('the service of the page, as its image has it, sends its trace, and logs its id in the form of X-Ray', async () => {
  await using receiver = await startOtlpReceiver();
  const image = imageFolder();
  // On npm the names may be those of a stranger.
  const { packages } = JSON.parse(readFileSync(join(image, 'package-lock.json'), 'utf8')) as Lock;
  const ours = Object.entries(packages).filter(([path]) => path.includes('node_modules/@org/'));
  expect(ours.map(([path, { resolved }]) => [path, resolved.replace(/-\d.*/, '')])).toEqual([
    ['node_modules/@org/tracing-core', 'file:packages/org-tracing-core'],
    ['node_modules/@org/tracing-fastify', 'file:packages/org-tracing-fastify'],
  ]);
  await using shop = await startService({
    entry: join(image, 'server.mjs'),
    // On loopback, and to the receiver in the place of the collector.
    env: {
      ...toldByTheTask(),
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_BSP_SCHEDULE_DELAY: '100',
      HOST: '127.0.0.1',
    },
  });
  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
  await fetch(`${shop.url}/items/7`, {
    headers: { traceparent: `00-${traceId}-00f067aa0ba902b7-01` },
  });

  const trace = await receiver.waitForTrace({ spanCount: 1, remoteParents: ['00f067aa0ba902b7'] });
  expect(trace.map(({ name, traceId: id, serviceName }) => [name, id, serviceName])).toEqual([
    ['GET /items/:id', traceId, 'shop'],
  ]);
  const line = await shop.waitForLog(({ message }) => message === 'asked for 7');
  expect(line).toMatchObject({ xray_trace_id: '1-4bf92f35-77b34da6a3ce929d0e0e4736' });
});

interface Lock {
  readonly packages: Readonly<Record<string, { readonly resolved: string }>>;
}

/** A folder with what the Dockerfile puts into its image, from a folder that the page's commands have filled. */
function imageFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'collector-shop-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const [context, image] = [join(folder, 'context'), join(folder, 'image')];
  cpSync(`${ROOT}xray/shop`, context, { recursive: true, filter: (path) => !path.endsWith('packages') });
  mkdirSync(image);
  const root = join(ROOT, '../..');
  execFileSync('bash', ['-c', packCommand()], {
    cwd: root,
    env: { ...process.env, SHOP: relative(root, context) },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  for (const [instruction, rest] of instructions()) {
    const [from = '', to = ''] = rest.split(' ');
    if (instruction === 'COPY')
      cpSync(join(context, from), join(image, to === './' ? from : to), { recursive: true });
    if (instruction === 'RUN')
      execFileSync('bash', ['-c', rest], {
        cwd: image,
        env: { ...process.env, npm_config_loglevel: 'error' },
        stdio: ['ignore', 'ignore', 'inherit'],
      });
  }
  return image;
}

/** The command of the page that packs, by the pnpm that is here. */
function packCommand(): string {
  const [block] = codeBlocks('xray/ecs.md').filter(({ code }) => code.includes(' pack '));
  const [, command] = /^npx --yes (?:pnpm@10) (.* pack .*)$/m.exec(block?.code ?? '') ?? [];
  return `pnpm ${command}`;
}

function instructions(): [string, string][] {
  return [...readFileSync(`${ROOT}xray/shop/Dockerfile`, 'utf8').matchAll(/^([A-Z]+) (.*)$/gm)].map(
    ([, instruction = '', rest = '']) => [instruction, rest],
  );
}

/** The environment of the application in the task definition. */
function toldByTheTask(): Record<string, string> {
  const file = 'xray/task-definition.json';
  const task = asMapping(JSON.parse(readFileSync(ROOT + file, 'utf8')) as Value, file);
  return Object.fromEntries(
    items(at(task, 'containerDefinitions', 0, 'environment')).map((variable) => [
      String(at(variable, 'name')),
      String(at(variable, 'value')),
    ]),
  );
}
