/** A call of the AWS CLI, as a page has it. */
export interface AwsCommand {
  /** `ecs run-task`, `ecs wait tasks-running`. */
  readonly name: string;
  /** By their names, without dashes and quotes. Those without a value are empty. */
  readonly options: ReadonlyMap<string, string>;
}

const VALUE = String.raw`(?!--)(?:"(?:\\.|[^"\\])*"|'[^']*'|[^\s")|]+)`;
const OPTION = String.raw`--([a-z-]+)(?: +(${VALUE}))?`;
const COMMAND = new RegExp(
  String.raw`\baws ([a-z0-9]+(?: wait)? [a-z-]+)((?: +${OPTION.replaceAll(/\((?!\?)/g, '(?:')})*)`,
  'g',
);

/** Each call of the AWS CLI in a text of the shell, those within others included. */
export function awsCommands(code: string): AwsCommand[] {
  return [...code.replaceAll('\\\n', ' ').matchAll(COMMAND)].map(([, name = '', options = '']) => ({
    name,
    options: new Map(
      [...options.matchAll(new RegExp(OPTION, 'g'))].map(([, option = '', value = '']): [string, string] => [
        option,
        value.replaceAll(/^["']|["']$/g, ''),
      ]),
    ),
  }));
}

/** The operation that a command asks for: `ecs run-task` asks for `RunTask`. */
export function operationOf({ name }: AwsCommand): string {
  const command = name.split(' ').at(-1) ?? '';
  if (name.endsWith('wait services-stable')) return 'DescribeServices';
  if (name.includes(' wait ')) return 'DescribeTasks';
  if (command === 'get-login-password') return 'GetAuthorizationToken';
  return command.replaceAll(/(?:^|-)([a-z])/g, (_match, letter: string) => letter.toUpperCase());
}
