import { configureLogging, initTracing, koaTracing } from '@org/tracing-koa';
import log from 'loglevel';

import { listen } from './listen.ts';
import { stockApp } from './stock-app.ts';

initTracing({ serviceName: 'stock' });
configureLogging(log);

await listen(stockApp(koaTracing()));
