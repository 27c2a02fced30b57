import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

import { expect, onTestFinished, test, vi } from 'vitest';

import { awsCommands } from '../../src/aws-commands.ts';
import type { AwsCommand } from '../../src/aws-commands.ts';
import { startAwsStandIn } from '../../src/aws-stand-in.ts';
import type { AwsRequest } from '../../src/aws-stand-in.ts';
import { codeBlocks } from '../../src/read-me.ts';
import { ROOT } from '../../src/yaml-files.ts';

// Some forty starts of the AWS CLI.
vi.setConfig({ testTimeout: 600_000 });

const BLOCKS = codeBlocks('xray/ecs.md').map(({ code }) => code);
const TASK = 'arn:aws:ecs:eu-central-1:111122223333:task/shop/1';
const DEFINITION = 'arn:aws:ecs:eu-central-1:111122223333:task-definition/shop:1';

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
  StartTraceRetrieval: JSON.stringify({ RetrievalToken: 'token' }),
};

/** The AWS CLI asks the stand-in; of Docker and curl only the arguments are kept. Version 1 knows the region by another name. */
const PREAMBLE = `
set -euo pipefail
aws() { AWS_DEFAULT_REGION="$AWS_REGION" command aws --endpoint-url "$STAND_IN" --no-sign-request "$@"; }
docker() { if [ "$1" = login ]; then cat; fi; echo "docker $*"; }
curl() { if [ "$1" = --silent ]; then echo 198.51.100.4; else echo "curl $*"; fi; }
`;

test('the commands of the page about ECS are understood, each by what the ones before it made', async () => {
  const ended = new Set<unknown>();
  await using aws = await startAwsStandIn(({ operation, input }) => {
    if (operation === 'StopTask') ended.add(input['task']);
    const lastStatus = ended.has(TASK) ? 'STOPPED' : 'RUNNING';
    return operation === 'DescribeTasks'
      ? JSON.stringify({ tasks: [{ lastStatus, attachments: [ATTACHMENT] }] })
      : ANSWERS[operation];
  });
  const said = await runPage(aws.url);

  expect(aws.requests.map(({ operation }) => operation)).toEqual(
    BLOCKS.flatMap(awsCommands).map(operationOf),
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
});

const ATTACHMENT = { details: [{ name: 'networkInterfaceId', value: 'eni-1' }] };

/** The operation that a command asks for: `ecs run-task` asks for `RunTask`. */
function operationOf({ name }: AwsCommand): string {
  const command = name.split(' ').at(-1) ?? '';
  if (name.includes(' wait ')) return 'DescribeTasks';
  if (command === 'get-login-password') return 'GetAuthorizationToken';
  return command.replaceAll(/(?:^|-)([a-z])/g, (_match, letter: string) => letter.toUpperCase());
}

function inputOf(requests: readonly AwsRequest[], operation: string): AwsRequest['input'] | undefined {
  return requests.find((request) => request.operation === operation)?.input;
}

/** Pastes all blocks of the page into one shell, in a folder that has the repository's `apps`. What they said is returned. */
async function runPage(url: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'collector-ecs-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  symlinkSync(join(ROOT, '..'), join(folder, 'apps'));
  const shell = spawn('bash', ['-c', [PREAMBLE, ...BLOCKS].join('\n')], {
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
