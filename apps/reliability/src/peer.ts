// Loaded into a service with `--import`: registers a provider as OpenTelemetry's documentation does, which the kit then
// uses as it is. So the same services make the same spans, and upstream's processor and exporter deliver them.
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';

new NodeTracerProvider({
  resource: resourceFromAttributes({ 'service.name': process.env['OTEL_SERVICE_NAME'] ?? '' }),
  spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
}).register();
