import { fileURLToPath } from 'node:url';

import protobuf from 'protobufjs';
import { expect, test } from 'vitest';

import { otlpDescriptor } from '../src/otlp-descriptor.ts';

test('the descriptor says what the published .proto files say', () => {
  const root = new protobuf.Root();
  root.resolvePath = (_origin, target) => fileURLToPath(new URL(`../proto/${target}`, import.meta.url));
  root.loadSync([
    'opentelemetry/proto/collector/trace/v1/trace_service.proto',
    'opentelemetry/proto/collector/logs/v1/logs_service.proto',
  ]);
  const unused = ['options', 'protoName'];
  const published: unknown = JSON.parse(
    JSON.stringify(root, (key, value: unknown) => (unused.includes(key) ? undefined : value)),
  );
  expect(otlpDescriptor).toEqual(published);
});
