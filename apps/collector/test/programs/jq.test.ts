import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';

import { codeBlocks } from '../../src/read-me.ts';
import { ROOT } from '../../src/yaml-files.ts';

test('the command of the page makes the task definition that is there', () => {
  const [command] = codeBlocks('xray/README.md').filter(({ code }) => code.startsWith('jq '));
  const made = execFileSync('bash', ['-c', command?.code ?? 'false'], {
    cwd: join(ROOT, '../..'),
    encoding: 'utf8',
  });
  expect(JSON.parse(made)).toEqual(JSON.parse(readFileSync(`${ROOT}xray/task-definition.json`, 'utf8')));
});

test('a definition without tracing becomes that of the example, by the commands of the page, once and again', () => {
  const folder = mkdtempSync(join(tmpdir(), 'collector-existing-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  symlinkSync(join(ROOT, '..'), join(folder, 'apps'));
  const whole = JSON.parse(readFileSync(`${ROOT}xray/task-definition.json`, 'utf8'));
  const [application] = whole.containerDefinitions;
  const own = { name: 'AWS_REGION', value: 'of-its-own' };
  const told = [own, ...application.environment];
  const expected = { ...whole, containerDefinitions: [{ ...application, environment: told }] };
  expected.containerDefinitions.push(whole.containerDefinitions[1]);
  const described = { revision: 7, status: 'ACTIVE', taskDefinitionArn: 'arn', registeredAt: 'then' };

  for (const environment of [[own], told]) {
    const containerDefinitions = [{ ...application, environment }];
    writeFileSync(
      join(folder, 'given.json'),
      JSON.stringify({ ...whole, ...described, containerDefinitions }),
    );
    expect(addedTo(folder)).toEqual(expected);
  }
  writeFileSync(join(folder, 'given.json'), JSON.stringify({ ...expected, ...described }));
  expect(addedTo(folder)).toEqual(expected);
  const { environment: _none, ...silent } = application;
  writeFileSync(join(folder, 'given.json'), JSON.stringify({ ...whole, containerDefinitions: [silent] }));
  expect(addedTo(folder)).toEqual(whole);
  const { logConfiguration: _other, ...unlogged } = application;
  writeFileSync(join(folder, 'given.json'), JSON.stringify({ ...whole, containerDefinitions: [unlogged] }));
  expect(addedTo(folder)).toEqual({
    ...whole,
    containerDefinitions: [unlogged, whole.containerDefinitions[1]],
  });
});

/** What the page about a task that is there registers, where AWS describes `given.json`. */
function addedTo(folder: string): unknown {
  const [command] = codeBlocks('xray/existing-task.md').filter(({ code }) => code.includes('\njq '));
  const aws = 'aws() { if [ "$2" = describe-task-definition ]; then cat given.json; fi; }';
  execFileSync('bash', ['-c', `set -eu\n${aws}\n${command?.code ?? 'false'}`], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      PATH: process.env['PATH'],
      AWS_REGION: 'eu-central-1',
      APPLICATION: 'shop',
      CLUSTER: 'shop',
      SERVICE: 'shop',
    },
  });
  return JSON.parse(readFileSync(join(folder, 'after.json'), 'utf8'));
}
