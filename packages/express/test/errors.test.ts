import { SpanStatusCode } from '@opentelemetry/api';
import type { SpanRecord } from '@org/tracing-core';
import type { Application, ErrorRequestHandler } from 'express';
import { describe, expect, test } from 'vitest';

import { expressServer, type ExpressServer } from './express-server.ts';
import { type Express, freshExpress, versions } from './express-versions.ts';
import { ok, pass } from './route-cases.ts';

const failure = new TypeError('no stock');

/** What a test looks at: name, status, and the exceptions by type and message. */
function told({ name, status, attributes, events }: SpanRecord): unknown {
  return {
    name,
    status,
    code: attributes['http.response.status_code'],
    exceptions: events.map((event) => [
      event.attributes?.['exception.type'],
      event.attributes?.['exception.message'],
    ]),
  };
}

const failed = (name: string): unknown => ({
  name,
  status: { code: SpanStatusCode.ERROR, message: 'no stock' },
  code: 500,
  exceptions: [['TypeError', 'no stock']],
});

const fail = (): never => {
  throw failure;
};

interface Failing {
  readonly sentence: string;
  build(app: Application, express: Express): void;
  readonly name: string;
}

const places: readonly Failing[] = [
  {
    sentence: 'a handler that throws (E6)',
    build: (app) => app.get('/:id', fail),
    name: 'GET /:id',
  },
  {
    sentence: 'a handler that calls next with an error later (E7)',
    build: (app) =>
      app.get('/:id', (_request, _response, next) => {
        setImmediate(() => next(failure));
      }),
    name: 'GET /:id',
  },
  {
    sentence: 'a handler in a nested router',
    build: (app, express) => app.use('/:a', express.Router().use(express.Router().get('/', pass, fail))),
    name: 'GET /:a',
  },
  {
    sentence: 'a handler in a mounted application',
    build: (app, express) => app.use('/:a', express().get('/', fail)),
    name: 'GET /:a',
  },
  {
    sentence: 'middleware without a path, which is no route',
    build: (app) => app.use(fail).get('/:id', ok),
    name: 'GET',
  },
  {
    sentence: 'middleware with a path',
    build: (app) => app.use('/:area', pass, fail),
    name: 'GET /:area',
  },
  {
    sentence: 'a parameter callback',
    build: (app) => {
      app.use('/:passed', pass);
      app.param('id', fail);
      app.get('/:id', ok);
    },
    name: 'GET /:id',
  },
  {
    sentence: 'a parameter callback in a nested router',
    build: (app, express) => {
      const router = express.Router();
      router.param('id', fail);
      app.use('/', router.get('/:id', ok));
    },
    name: 'GET /:id',
  },
];

const answering: ErrorRequestHandler = (_error, _request, response, _next) =>
  void response.status(500).send('sorry');

for (const { version, express } of versions) {
  describe(`errors in express ${version} are recorded once`, () => {
    for (const { sentence, build, name } of places) {
      test(`${sentence}: without an error middleware`, async () => {
        const { app, spanOf } = expressServer(express, { express });
        build(app, express);
        expect(told(await spanOf('/thing'))).toEqual(failed(name));
        // From the first request on, the application is known to begin with the middleware.
        expect(told(await spanOf('/thing'))).toEqual(failed(name));
      });

      test(`${sentence}: with one, which gets the same error`, async () => {
        const { app, spanOf } = expressServer(express, { express });
        build(app, express);
        const passing: unknown[] = [];
        app.use((error: unknown, _request: unknown, _response: unknown, next: (error: unknown) => void) => {
          passing.push(error);
          next(error);
        });
        app.use(answering);
        expect(told(await spanOf('/thing'))).toEqual(failed(name));
        expect(passing).toEqual([failure]);
        expect(passing[0]).toBe(failure);
      });
    }

    test('by an error handler of the route itself', async () => {
      const { app, spanOf } = expressServer(express);
      app.get('/:id', fail, answering);
      expect(told(await spanOf('/thing'))).toEqual(failed('GET /:id'));
    });

    test('by an error middleware of a router further out, at another path', async () => {
      const { app, spanOf } = expressServer(express, { express });
      app.use('/:a', express.Router().get('/', fail));
      app.use('/thing', answering);
      expect(told(await spanOf('/thing'))).toEqual(failed('GET /:a'));
    });

    test('the first, where an error middleware throws another', async () => {
      const { app, spanOf } = expressServer(express);
      app.get('/:id', fail);
      app.use(((_error, _request, _response, _next) => {
        throw new Error('while apologising');
      }) satisfies ErrorRequestHandler);
      expect(told(await spanOf('/thing'))).toEqual(failed('GET /:id'));
    });

    test('a timeout in an outer router, while an inner one is at work', async () => {
      const { app, spanOf } = expressServer(express, { express });
      const timeouts: (() => void)[] = [];
      app.use((_request, _response, next) => {
        timeouts.push(() => next(failure));
        next();
      });
      app.use(
        '/:a',
        express.Router().get('/:b', () => timeouts.shift()?.()),
      );
      app.use(pass, answering);
      expect(told(await spanOf('/thing/slow'))).toEqual(failed('GET /:a/:b'));
    });

    test('none that an error middleware has made good', async () => {
      const { app, spanOf } = expressServer(express);
      app.get('/thing', fail);
      app.use(((_error, _request, _response, next) => next()) satisfies ErrorRequestHandler);
      app.get('/:id', ok);
      expect(told(await spanOf('/thing'))).toEqual({
        name: 'GET /:id',
        status: { code: SpanStatusCode.UNSET },
        code: 200,
        exceptions: [],
      });
    });

    test('the second, where an error middleware has made the first good', async () => {
      const { app, spanOf } = expressServer(express);
      app.get('/thing', (_request, _response, next) => next(new Error('made good')));
      app.use(((_error, _request, _response, next) => next()) satisfies ErrorRequestHandler);
      app.get('/:id', fail);
      expect(told(await spanOf('/thing'))).toEqual(failed('GET /:id'));
    });

    test('the one that was made good, where the answer is a 5xx all the same', async () => {
      const { app, spanOf } = expressServer(express);
      app.get('/thing', fail);
      app.use(((_error, _request, response, next) => {
        response.status(500);
        next();
      }) satisfies ErrorRequestHandler);
      app.get('/:id', ok);
      expect(told(await spanOf('/thing'))).toEqual(failed('GET /:id'));
    });

    test('none where nothing matched after an error was made good', async () => {
      const { app, spanOf } = expressServer(express);
      app.get('/thing', fail);
      app.use(((_error, _request, _response, next) => next()) satisfies ErrorRequestHandler);
      expect(told(await spanOf('/thing'))).toEqual({
        name: 'GET',
        status: { code: SpanStatusCode.UNSET },
        code: 404,
        exceptions: [],
      });
    });

    test('none for next("route") and next("router")', async () => {
      const { app, spanOf } = expressServer(express);
      const router = express.Router();
      router.get('/:id', (_request, _response, next) => next('route'));
      router.get('/:id', (_request, _response, next) => next('router'));
      app.use(router);
      app.get('/thing', (_request, response) => void response.status(500).send('sorry'));
      expect(told(await spanOf('/thing'))).toEqual({
        name: 'GET /thing',
        status: { code: SpanStatusCode.ERROR },
        code: 500,
        exceptions: [],
      });
    });

    test('a value that is no Error: a string is kept, another is told as text (E22)', async () => {
      const { app, spanOf } = expressServer(express);
      app.get('/text', (_request, _response, next) => next('no stock'));
      app.get('/object', (_request, _response, next) => next({ code: 7 }));
      expect((await spanOf('/text')).status).toEqual({ code: SpanStatusCode.ERROR, message: 'no stock' });
      expect((await spanOf('/object')).status).toEqual({ code: SpanStatusCode.ERROR, message: '{"code":7}' });
    });

    test('a body that does not parse is a 4xx, which leaves the span unset', async () => {
      const { app, spanOf } = expressServer(express);
      app.use(express.json());
      app.post('/:id', ok);
      const body = { method: 'POST', body: '{', headers: { 'content-type': 'application/json' } };
      expect(told(await spanOf('/thing', body))).toEqual({
        name: 'POST',
        status: { code: SpanStatusCode.UNSET },
        code: 400,
        exceptions: [],
      });
    });

    test('an error in the first request of the process, without the express option', async () => {
      const fresh = freshExpress(version);
      const { app, spanOf } = expressServer(fresh);
      app.use('/a', fresh.Router().get('/b', fail));
      expect(told(await spanOf('/a/b'))).toEqual(failed('GET /a/b'));
    });
  });
}

describe('errors of promises in Express 5', () => {
  for (const { version, express } of versions.filter(({ version: each }) => each.startsWith('5'))) {
    const rejecting = async (): Promise<void> => {
      await new Promise(setImmediate);
      throw failure;
    };
    const build = (server: ExpressServer): void => {
      server.app.use('/:area', express.Router().get('/:id', rejecting));
    };

    test(`a handler of express ${version} that rejects: without an error middleware`, async () => {
      const server = expressServer(express, { express });
      build(server);
      expect(told(await server.spanOf('/a/b'))).toEqual(failed('GET /:area/:id'));
    });

    test(`a handler of express ${version} that rejects: with one`, async () => {
      const server = expressServer(express, { express });
      build(server);
      server.app.use(answering);
      expect(told(await server.spanOf('/a/b'))).toEqual(failed('GET /:area/:id'));
    });

    test(`a parameter callback of express ${version} that rejects`, async () => {
      const { app, spanOf } = expressServer(express);
      app.param('id', rejecting).get('/:id', ok);
      expect(told(await spanOf('/thing'))).toEqual(failed('GET /:id'));
    });
  }
});
