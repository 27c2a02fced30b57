import { ConsoleSpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';

/** Prints spans on the console. */
export class ConsoleSpanProcessor extends SimpleSpanProcessor {
  constructor() {
    super(new ConsoleSpanExporter());
  }
}
