// Writes src/otlp-descriptor.ts from the .proto files. Run `pnpm generate`, then format the file.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import protobuf from 'protobufjs';

const root = new protobuf.Root();
root.resolvePath = (_origin, target) => fileURLToPath(new URL(`../proto/${target}`, import.meta.url));
root.loadSync([
  'opentelemetry/proto/collector/trace/v1/trace_service.proto',
  'opentelemetry/proto/collector/logs/v1/logs_service.proto',
]);

// Options are for other languages' generators, the names in snake case for none of our formats.
const unused = ['options', 'protoName'];

// A line for each field keeps the file readable; the formatter leaves objects that start on one line alone.
const json = JSON.stringify(
  root.toJSON(),
  (key, value) => (unused.includes(key) ? undefined : value),
  2,
).replace(/\{\n\s*("(?:rule|type)"[^{}]*)\}/g, (_, body) => `{ ${body.trim().replace(/\s+/g, ' ')} }`);

writeFileSync(
  new URL('../src/otlp-descriptor.ts', import.meta.url),
  `// Generated from proto/ by scripts/generate-otlp-descriptor.mjs. Copyright OpenTelemetry Authors, Apache-2.0.
import type { INamespace } from 'protobufjs/light.js';

/** The OTLP messages as protobufjs describes them: no file to read at run time, so it works in a bundle. */
export const otlpDescriptor: INamespace = ${json};
`,
);
