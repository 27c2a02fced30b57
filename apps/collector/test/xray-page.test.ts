import { readFileSync } from 'node:fs';

import { expect, test } from 'vitest';

import { awsCommands, operationOf } from '../src/aws-commands.ts';
import { readCollectorConfig } from '../src/collector-config.ts';
import { codeBlocks, readPage } from '../src/read-me.ts';
import { asMapping, at, items, ROOT, texts } from '../src/yaml-files.ts';
import type { Value } from '../src/yaml-files.ts';

const PAGE = 'xray/ecs.md';
const AGAIN = 'xray/ecs-again.md';
const task = asMapping(
  JSON.parse(readFileSync(`${ROOT}xray/task-definition.json`, 'utf8')) as Value,
  'task-definition.json',
);
// The walk, and its end on the page about everything else.
const commands = [...codeBlocks(PAGE), ...codeBlocks(AGAIN)].flatMap(({ code }) => awsCommands(code));

test('a command is read with its options, whatever their quotes, and so is one within another', () => {
  const [run, inner] = awsCommands(
    `export X="$(aws ecs run-task --cluster shop \\\n  --query 'a[0].b' --force --config "c={d=[$E]}" | tee)"\naws iam get-user`,
  );
  expect(run?.name).toBe('ecs run-task');
  expect([...(run?.options ?? [])]).toEqual([
    ['cluster', 'shop'],
    ['query', 'a[0].b'],
    ['force', ''],
    ['config', 'c={d=[$E]}'],
  ]);
  expect(inner?.name).toBe('iam get-user');
});

test('the page makes the roles, the log group and the repository of which the task definition speaks', () => {
  const roles = [task['taskRoleArn'], task['executionRoleArn']].map((arn) => String(arn).split('/').at(-1));
  expect(new Set(values('iam create-role', 'role-name'))).toEqual(new Set(roles));
  const groups = items(task['containerDefinitions']).map((container) =>
    at(container, 'logConfiguration', 'options', 'awslogs-group'),
  );
  expect(groups.length).toBe(2);
  expect(new Set(groups)).toEqual(new Set(values('logs create-log-group', 'log-group-name')));
  const [registry = '', repository] = String(at(task, 'containerDefinitions', 0, 'image')).split(/\/|:/);
  expect([repository]).toEqual(values('ecr create-repository', 'repository-name'));
  expect(registry).toMatch(/^123456789012\.dkr\.ecr\.eu-central-1\./);
});

test('what runs is what is made: the definition, in the cluster, with the role that may send', () => {
  const clusters = commands.flatMap(({ options }) => options.get('cluster') ?? []);
  expect(clusters.length).toBeGreaterThan(5);
  expect(new Set(clusters)).toEqual(new Set(values('ecs create-cluster', 'cluster-name')));
  const families = values('ecs describe-task-definition', 'task-definition');
  expect(families).toEqual([task['family']]);
  expect(values('ecs run-task', 'task-definition')).toEqual(['$DEFINITION']);
  const [sender] = values('iam put-role-policy', 'role-name');
  expect(String(task['taskRoleArn'])).toMatch(new RegExp(`/${sender}$`));
  expect(values('iam attach-role-policy', 'policy-arn')[0]).toMatch(/AmazonECSTaskExecutionRolePolicy$/);
});

test.each([
  ['iam create-role', 'iam delete-role', 'role-name'],
  ['iam put-role-policy', 'iam delete-role-policy', 'policy-name'],
  ['iam put-role-policy', 'iam delete-role-policy', 'role-name'],
  ['iam attach-role-policy', 'iam detach-role-policy', 'policy-arn'],
  ['iam attach-role-policy', 'iam detach-role-policy', 'role-name'],
  ['logs create-log-group', 'logs delete-log-group', 'log-group-name'],
  ['ecr create-repository', 'ecr delete-repository', 'repository-name'],
])('what %s has made, %s takes away: the same %s', (make, take, option) => {
  expect(values(make, option).length).toBeGreaterThan(0);
  expect(values(take, option).toSorted()).toEqual(values(make, option).toSorted());
});

test.each([
  ['ecs create-cluster', 'ecs delete-cluster'],
  ['ecs run-task', 'ecs stop-task'],
  ['ecs register-task-definition', 'ecs deregister-task-definition'],
  ['ec2 create-security-group', 'ec2 delete-security-group'],
])('what %s has made, %s takes away', (make, take) => {
  expect(named(make)).toHaveLength(1);
  expect(named(take)).toHaveLength(1);
});

test('the region stands in one place, and the account in none', () => {
  expect(readPage(PAGE).match(/eu-central-1/g)).toHaveLength(2);
  expect(readPage(PAGE)).toContain('export AWS_REGION=eu-central-1 ');
  expect(readPage(PAGE)).toContain('"s/eu-central-1/$AWS_REGION/g"');
  expect(commands.filter(({ options }) => options.has('region'))).toEqual([]);
  expect(readPage(PAGE).match(/\b\d{12}\b/g)).toEqual(['123456789012']);
});

test('a filter of the page names an attribute that is indexed', () => {
  const { source } = readCollectorConfig(['xray/collector.yaml']);
  const filters = [...readPage('xray/README.md').matchAll(/annotation(.)([\w.]+)/g)];
  expect(filters.map(([, bracket]) => bracket)).toEqual(['[', '[']);
  const indexed = texts(at(source, 'exporters', 'awsxray', 'indexed_attributes'));
  expect(indexed).toEqual(expect.arrayContaining(filters.map(([, , attribute]) => attribute)));
});

test('the policy for whoever walks has each action of the commands, and beside them those of Docker and of ECS', () => {
  const policy = JSON.parse(readFileSync(`${ROOT}xray/identity-policy.json`, 'utf8')) as Value;
  const allowed = items(at(policy, 'Statement')).flatMap((statement) => texts(at(statement, 'Action')));
  // Everybody may ask who they are.
  const asked = commands
    .map((command) => `${command.name.split(' ')[0]}:${operationOf(command)}`)
    .filter((action) => action !== 'sts:GetCallerIdentity');
  expect(asked.filter((action) => !allowed.includes(action))).toEqual([]);
  expect(allowed.filter((action) => !asked.includes(action))).toEqual([
    'iam:PassRole',
    'iam:CreateServiceLinkedRole',
    'ecr:BatchCheckLayerAvailability',
    'ecr:BatchGetImage',
    'ecr:CompleteLayerUpload',
    'ecr:GetDownloadUrlForLayer',
    'ecr:InitiateLayerUpload',
    'ecr:PutImage',
    'ecr:UploadLayerPart',
  ]);
});

test('the page about a task that is there adds what the task definition has', () => {
  const [variables, container] = codeBlocks('xray/existing-task.md')
    .filter(({ language }) => language === 'json')
    .map(({ code }) => code.replaceAll(/"orders"/g, '"shop"').replaceAll('/ecs/orders', '/ecs/shop'));
  expect(JSON.parse(variables ?? '')).toEqual(at(task, 'containerDefinitions', 0, 'environment'));
  const configuration = readFileSync(`${ROOT}xray/collector.yaml`, 'utf8');
  expect(JSON.parse((container ?? '').replace('"…"', () => JSON.stringify(configuration)))).toEqual(
    at(task, 'containerDefinitions', 1),
  );
});

function named(name: string) {
  return commands.filter((command) => command.name === name);
}

function values(name: string, option: string): string[] {
  return named(name).map(({ options }) => options.get(option) ?? '');
}
