import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { expect, inject, onTestFinished, test } from 'vitest';

import { outsideProject } from '../src/outside-project.ts';

const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = { traceId: TRACE_ID, spanId: '00f067aa0ba902b7', name: 'GET /carts/:id', kind: 2 };
const TIMES = { startTimeUnixNano: '1795600000000000000', endTimeUnixNano: '1795600000020000000' };

test.each(['npm', 'pnpm'] as const)(
  'the viewer is one package, and npx starts it with its page, where %s has installed it alone',
  async (packageManager) => {
    const ours = ['@org/tracing-viewer'];
    using project = outsideProject({ packageManager, ours, theirs: {}, tarballs: inject('tarballs') });
    const installed = ['node_modules', 'node_modules/@org'].flatMap((folder) =>
      readdirSync(join(project.folder, folder)).filter((name) => /^[^.@]/.test(name)),
    );
    expect(installed).toEqual(['tracing-viewer']);
    expect(existsSync(join(project.folder, 'node_modules/.bin/tracing-viewer'))).toBe(true);

    const viewer = spawn('npx', ['--no', '--', 'tracing-viewer', '--port', '0'], {
      cwd: project.folder,
      stdio: ['ignore', 'pipe', 'inherit'],
      detached: true,
    });
    const exited = once(viewer, 'exit');
    onTestFinished(async () => {
      // npx does not hand every signal on.
      if (viewer.pid !== undefined && viewer.exitCode === null) process.kill(-viewer.pid, 'SIGTERM');
      await exited;
    });
    let url: string | undefined;
    for await (const line of createInterface(viewer.stdout)) {
      url = /http:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0];
      if (url !== undefined) break;
    }

    const page = await (await fetch(`${url}/trace/${TRACE_ID}`)).text();
    const script = /src="([^"]+\.js)"/.exec(page)?.[1] ?? '';
    expect((await fetch(new URL(script, url))).headers.get('content-type')).toMatch(/javascript/);

    const body = JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [{ ...SPAN, ...TIMES }] }] }] });
    const headers = { 'content-type': 'application/json' };
    expect((await fetch(`${url}/v1/traces`, { method: 'POST', headers, body })).status).toBe(200);
    expect(await (await fetch(`${url}/api/traces`)).json()).toMatchObject({
      matched: 1,
      traces: [{ traceId: TRACE_ID, name: 'GET /carts/:id', durationMs: 20 }],
    });
  },
);
