import { environmentVariables } from './environment-variables.ts';
import { isLoopback, listeners } from './listeners.ts';
import type { CollectorConfig } from './collector-config.ts';
import { at, items } from './yaml-files.ts';
import type { Mapping, Value } from './yaml-files.ts';

/**
 * What is wrong with a task of ECS: an application that would not start, or would end, for want of its collector; a collector
 * that would not start, or could be reached from elsewhere. One sentence each.
 */
export function taskFaults(task: Mapping, config: CollectorConfig): string[] {
  const containers = items(task['containerDefinitions']);
  const collector = containers.find((container) =>
    /otel-collector:|collector-contrib:/.test(String(at(container, 'image'))),
  );
  const applications = containers.filter((container) => container !== collector);
  if (collector === undefined) return ['there is no collector'];
  return [
    ...(task['networkMode'] === 'awsvpc' ? [] : ['containers do not share their loopback']),
    ...applications.flatMap((application) => applicationFaults(application, config)),
    ...collectorFaults(collector, config),
    ...logFaults(collector, applications),
    ...(sum(containers, 'memory') <= Number(task['memory'])
      ? []
      : ['the containers take more memory than the task has']),
  ];
}

/** What an application is told of tracing: who it is, and where its collector is. */
const TOLD = ['OTEL_SERVICE_NAME', 'OTEL_EXPORTER_OTLP_ENDPOINT'];

function applicationFaults(application: Value, config: CollectorConfig): string[] {
  const environment = environmentOf(application);
  const endpoint = environment.get('OTEL_EXPORTER_OTLP_ENDPOINT') ?? '';
  const heard = listeners(config).map((address) => `http://${address.replace(/^127\.0\.0\.1/, 'localhost')}`);
  const told = [...environment.keys()].filter((name) => name.startsWith('OTEL_'));
  return [
    ...(at(application, 'essential') === true ? [] : ['the application is not essential']),
    ...(at(application, 'dependsOn') === undefined ? [] : ['the application waits for another container']),
    ...(heard.includes(endpoint) ? [] : [`nothing listens on ${endpoint}`]),
    ...(environment.has('OTEL_SERVICE_NAME') ? [] : ['the application has no name']),
    ...told.filter((name) => !TOLD.includes(name)).map((name) => `the application is told ${name} too`),
  ];
}

function collectorFaults(collector: Value, config: CollectorConfig): string[] {
  const environment = environmentOf(collector);
  const memory = Number(at(collector, 'memory')) * 0.8;
  return [
    ...(at(collector, 'essential') === false ? [] : ['the task ends with its collector']),
    ...(at(collector, 'restartPolicy', 'enabled') === true
      ? []
      : ['a collector that ends is not started again']),
    ...(at(collector, 'readonlyRootFilesystem') === true ? [] : ['the collector may write to its image']),
    // A secret that cannot be read ends the whole task before it starts.
    ...(at(collector, 'secrets') === undefined
      ? []
      : ['the start of the task depends on a secret of the collector']),
    ...(at(collector, 'portMappings') === undefined ? [] : ['the collector has a port outside of the task']),
    ...listeners(config)
      .filter((address) => !isLoopback(address))
      .map((address) => `${address} is reached from outside of the task`),
    ...[...environmentVariables(config.source)]
      .filter(({ name, required }) => required && !environment.has(name))
      .map(({ name }) => `${name} is not set`),
    ...(environment.has('AOT_CONFIG_CONTENT') ? [] : ['the collector has no configuration']),
    ...(Number.parseInt(environment.get('GOMEMLIMIT') ?? '', 10) <= memory &&
    Number(at(config.source, 'processors', 'memory_limiter', 'limit_mib')) <= memory
      ? []
      : ['the collector is not within 80 % of its memory']),
  ];
}

/** X-Ray looks for log lines where the collector says that they are. */
function logFaults(collector: Value, applications: readonly Value[]): string[] {
  const told = environmentOf(collector).get('COLLECTOR_LOG_GROUP');
  return applications
    .map((application) => String(at(application, 'logConfiguration', 'options', 'awslogs-group')))
    .filter((group) => group !== told)
    .map((group) => `X-Ray looks for log lines in ${told}, and they are in ${group}`);
}

function environmentOf(container: Value): Map<string, string> {
  return new Map(
    items(at(container, 'environment')).map((variable): [string, string] => [
      String(at(variable, 'name')),
      String(at(variable, 'value')),
    ]),
  );
}

function sum(containers: readonly Value[], key: string): number {
  return containers.reduce((total: number, container) => total + Number(at(container, key) ?? 0), 0);
}
