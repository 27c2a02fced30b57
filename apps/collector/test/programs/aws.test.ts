import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

import { expect, onTestFinished, test, vi } from 'vitest';

import { awsCommands, operationOf } from '../../src/aws-commands.ts';
import { startAwsStandIn } from '../../src/aws-stand-in.ts';
import type { AwsRequest } from '../../src/aws-stand-in.ts';
import { codeBlocks } from '../../src/read-me.ts';
import { ROOT } from '../../src/yaml-files.ts';

// Some forty starts of the AWS CLI.
vi.setConfig({ testTimeout: 600_000 });

const WALK = blocksOf('xray/ecs.md');
const AGAIN = blocksOf('xray/ecs-again.md');
const CLEAN_UP = AGAIN.slice(-1);
const EXISTING = blocksOf('xray/existing-task.md');
const TASK = 'arn:aws:ecs:eu-central-1:111122223333:task/shop/1';
const DEFINITION = 'arn:aws:ecs:eu-central-1:111122223333:task-definition/shop:1';
const RUNNING = 'arn:aws:ecs:eu-central-1:111122223333:task-definition/orders:6';

/** What the AWS CLI needs of an answer to go on. Nothing, where an operation is not named. */
const ANSWERS: Readonly<Record<string, string>> = {
  GetCallerIdentity:
    '<r><GetCallerIdentityResult><Account>111122223333</Account></GetCallerIdentityResult></r>',
  CreateRole: '<r><CreateRoleResult><Role/></CreateRoleResult></r>',
  GetAuthorizationToken: JSON.stringify({
    authorizationData: [
      { authorizationToken: Buffer.from('AWS:secret').toString('base64'), proxyEndpoint: 'https://x' },
    ],
  }),
  RegisterTaskDefinition: JSON.stringify({ taskDefinition: { taskDefinitionArn: DEFINITION } }),
  DescribeVpcs: '<r><vpcSet><item><vpcId>vpc-1</vpcId></item></vpcSet></r>',
  DescribeSubnets: '<r><subnetSet><item><subnetId>subnet-1</subnetId></item></subnetSet></r>',
  CreateSecurityGroup: '<r><groupId>sg-1</groupId></r>',
  RunTask: JSON.stringify({ tasks: [{ taskArn: TASK }] }),
  DescribeNetworkInterfaces:
    '<r><networkInterfaceSet><item><association><publicIp>203.0.113.7</publicIp></association></item></networkInterfaceSet></r>',
  DescribeTaskDefinition: JSON.stringify({ taskDefinition: { taskDefinitionArn: DEFINITION } }),
  DescribeSecurityGroups:
    '<r><securityGroupInfo><item><groupId>sg-1</groupId></item></securityGroupInfo></r>',
  ListTasks: JSON.stringify({ taskArns: [TASK] }),
  UpdateService: JSON.stringify({ service: { taskDefinition: DEFINITION } }),
  DescribeServices: JSON.stringify({
    services: [
      { taskDefinition: RUNNING, status: 'ACTIVE', deployments: [{}], runningCount: 1, desiredCount: 1 },
    ],
  }),
  StartTraceRetrieval: JSON.stringify({ RetrievalToken: 'token' }),
};

/** The AWS CLI asks the stand-in; of all else only the arguments are kept. Version 1 knows the region by another name. */
const PREAMBLE = `
set -euo pipefail
aws() { AWS_DEFAULT_REGION="$AWS_REGION" command aws --endpoint-url "$STAND_IN" --no-sign-request "$@"; }
docker() { if [ "$1" = login ]; then cat; fi; echo "docker $*"; }
npx() { echo "npx $*"; }
rm() { echo "rm $*"; }
jq() { if [ "$1" = --raw-output ]; then echo before; else cat apps/collector/xray/task-definition.json; fi; }
curl() { if [ "$1" = --silent ]; then echo 198.51.100.4; else echo "curl $*"; fi; }
`;

test('the commands of the page about ECS are understood, each by what the ones before it made', async () => {
  await using aws = await startAccount();
  const blocks = [...WALK, ...CLEAN_UP];
  const said = await runBlocks(aws.url, blocks);

  expect(aws.requests.map(({ operation }) => operation)).toEqual(
    blocks.flatMap(awsCommands).map(operationOf),
  );
  expect(inputOf(aws.requests, 'RegisterTaskDefinition')).toEqual(
    JSON.parse(
      readFileSync(`${ROOT}xray/task-definition.json`, 'utf8').replaceAll('123456789012', '111122223333'),
    ),
  );
  expect(inputOf(aws.requests, 'RunTask')).toMatchObject({
    cluster: 'shop',
    taskDefinition: DEFINITION,
    launchType: 'FARGATE',
    networkConfiguration: {
      awsvpcConfiguration: { subnets: ['subnet-1'], securityGroups: ['sg-1'], assignPublicIp: 'ENABLED' },
    },
  });
  expect(inputOf(aws.requests, 'AuthorizeSecurityGroupIngress')).toMatchObject({
    GroupId: 'sg-1',
    'IpPermissions.1.FromPort': '3000',
    'IpPermissions.1.IpRanges.1.CidrIp': '198.51.100.4/32',
  });
  const [, traceId = ''] = /^curl .*traceparent: 00-([0-9a-f]{32})-.*203\.0\.113\.7:3000/m.exec(said) ?? [];
  const xrayId = `1-${traceId.slice(0, 8)}-${traceId.slice(8)}`;
  expect(inputOf(aws.requests, 'BatchGetTraces')).toEqual({ TraceIds: [xrayId] });
  expect(inputOf(aws.requests, 'GetTraceSummaries')).toMatchObject({
    TimeRangeType: 'Event',
    FilterExpression: 'service("shop")',
  });
  expect(inputOf(aws.requests, 'StartTraceRetrieval')).toMatchObject({ TraceIds: [xrayId] });
  expect(inputOf(aws.requests, 'FilterLogEvents')).toMatchObject({
    logGroupName: '/ecs/shop',
    filterPattern: `"${xrayId}"`,
  });
  expect(inputOf(aws.requests, 'DeregisterTaskDefinition')).toEqual({ taskDefinition: DEFINITION });
  expect(inputOf(aws.requests, 'DeleteSecurityGroup')).toMatchObject({ GroupId: 'sg-1' });
  const image = '111122223333.dkr.ecr.eu-central-1.amazonaws.com/shop:1.0.0';
  expect(said).toContain(`secret\ndocker login --username AWS --password-stdin ${image.split('/')[0]}\n`);
  expect(said).toContain(`docker build --platform linux/amd64 --tag ${image} apps/collector/xray/shop\n`);
  expect(said).toContain(`docker push ${image}\n`);
  expect(said).toContain(`docker image rm ${image}\n`);
  expect(said).toContain('rm -r shop-task.json apps/collector/xray/shop/packages\n');
});

test('a new shell finds what the walk has made, and cleans it up', async () => {
  await using aws = await startAccount();
  const said = await runBlocks(aws.url, [...WALK.slice(0, 1), ...AGAIN]);

  expect(said).toContain(`${DEFINITION} vpc-1 subnet-1 sg-1 ${TASK}\n`);
  expect(inputOf(aws.requests, 'DescribeSecurityGroups')).toMatchObject({
    'Filter.1.Value.1': 'vpc-1',
    'Filter.2.Value.1': 'shop',
  });
  expect(inputOf(aws.requests, 'StopTask')).toMatchObject({ task: TASK });
  expect(inputOf(aws.requests, 'DeregisterTaskDefinition')).toEqual({ taskDefinition: DEFINITION });
  expect(inputOf(aws.requests, 'DeleteSecurityGroup')).toMatchObject({ GroupId: 'sg-1' });
  expect(said).toContain('docker logout 111122223333.dkr.ecr.eu-central-1.amazonaws.com\n');
});

test('the commands for a service that is there are understood, and go back to the definition of before', async () => {
  await using aws = await startAccount();
  await runBlocks(aws.url, EXISTING);

  expect(aws.requests.map(({ operation }) => operation)).toEqual(
    EXISTING.flatMap(awsCommands).map(operationOf),
  );
  expect(inputOf(aws.requests, 'PutRolePolicy')).toMatchObject({ RoleName: 'orders-task' });
  expect(inputOf(aws.requests, 'DescribeTaskDefinition')).toMatchObject({ taskDefinition: RUNNING });
  const updates = aws.requests.filter(({ operation }) => operation === 'UpdateService');
  expect(updates.map(({ input }) => input)).toEqual(
    [DEFINITION, 'before'].map((taskDefinition) => ({
      cluster: 'production',
      service: 'orders',
      taskDefinition,
    })),
  );
});

const ATTACHMENT = { details: [{ name: 'networkInterfaceId', value: 'eni-1' }] };

/** An account in which a task runs until it is stopped. */
function startAccount(): ReturnType<typeof startAwsStandIn> {
  const ended = new Set<unknown>();
  return startAwsStandIn(({ operation, input }) => {
    if (operation === 'StopTask') ended.add(input['task']);
    const lastStatus = ended.has(TASK) ? 'STOPPED' : 'RUNNING';
    return operation === 'DescribeTasks'
      ? JSON.stringify({ tasks: [{ lastStatus, attachments: [ATTACHMENT] }] })
      : ANSWERS[operation];
  });
}

function blocksOf(page: string): string[] {
  return codeBlocks(page)
    .filter(({ language }) => language === 'sh')
    .map(({ code }) => code);
}

function inputOf(requests: readonly AwsRequest[], operation: string): AwsRequest['input'] | undefined {
  return requests.find((request) => request.operation === operation)?.input;
}

/** Pastes blocks into one shell, in a folder that has the repository's `apps`. What they said is returned. */
async function runBlocks(url: string, blocks: readonly string[]): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'collector-ecs-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  symlinkSync(join(ROOT, '..'), join(folder, 'apps'));
  const shell = spawn('bash', ['-c', [PREAMBLE, ...blocks].join('\n')], {
    cwd: folder,
    env: { PATH: process.env['PATH'], HOME: folder, STAND_IN: url },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [said, complaints, [status]] = await Promise.all([
    text(shell.stdout),
    text(shell.stderr),
    once(shell, 'exit'),
  ]);
  expect(complaints).toBe('');
  expect(status, said).toBe(0);
  return said;
}
