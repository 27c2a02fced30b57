import type { Span } from '@opentelemetry/api';

import { checkOption, refuseOption } from './option-rule.ts';
import { callHook } from './user-hook.ts';

/** One middleware, router, hook or handler that a request passes, told as its span tells it. */
export interface Layer {
  /** The value of the span's `….type`: `middleware`, `router`, `request_handler`, `hook` or `handler`. */
  readonly type: string;
  /** The value of the span's `….name`: of the function, or the path of a router or route. */
  readonly name: string;
  /** Of a hook alone: the moment that it runs at, as the framework calls it (`onRequest`). */
  readonly hook?: string | undefined;
  /** The route template that the layer belongs to, where it is known. */
  readonly path?: string | undefined;
}

/**
 * Which layers are meant. A string is compared with type, name and hook of a layer, as a whole; a RegExp is
 * searched in its name; a function is asked, and means no layer where it throws.
 */
export type LayerMatcher = string | RegExp | ((layer: Layer) => boolean);

/** What is traced of the layers, and how. `Request` is what the framework gives its middleware and hooks. */
export interface LayerOptions<Request = never> {
  /** Layers that get no span of their own. What is below them belongs to the span around. Default: none. */
  readonly ignore?: LayerMatcher | readonly LayerMatcher[];
  /**
   * Called when the span of a layer has begun: it may add attributes, and `span.updateName` renames it. What it
   * throws goes to `diag`.
   */
  readonly hook?: (span: Span, layer: Layer, request: Request) => void;
}

/** The answers to the option `layers`. */
export interface LayerRules<Request> {
  ignores(layer: Layer): boolean;
  /** Gives the span of a layer that has begun to the application's hook. */
  tell(span: Span, layer: Layer, request: Request): void;
}

type LayerTest = (layer: Layer) => boolean;

const EXPECTED = 'a string, a RegExp, a function, or an array of these';

/**
 * Reads the option `layers`.
 *
 * @returns undefined where layers are not traced.
 * @throws TypeError that names the option, what was expected, and what it got.
 */
export function layerRules<Request>(
  layers: boolean | LayerOptions<Request> | undefined,
): LayerRules<Request> | undefined {
  if (layers === undefined || layers === false) return undefined;
  if (layers === true) return { ignores: () => false, tell: () => undefined };
  const given: unknown = layers;
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    refuseOption('layers', 'true, false, or an object with ignore and hook', given);
  }
  const { hook } = layers;
  checkOption('layers.hook', hook, typeof hook === 'function', 'a function');
  const tests = [layers.ignore ?? []].flat().map(layerTest);
  return {
    ignores: (layer) => tests.some((test) => test(layer)),
    tell(span, layer, request) {
      if (hook) callHook('layers.hook', () => hook(span, layer, request));
    },
  };
}

function layerTest(matcher: LayerMatcher): LayerTest {
  if (typeof matcher === 'string') {
    return ({ type, name, hook }) => matcher === type || matcher === name || matcher === hook;
  }
  if (matcher instanceof RegExp) {
    // A global or sticky expression remembers where it stopped and would miss every second layer.
    const stateless = new RegExp(matcher.source, matcher.flags.replace(/[gy]/g, ''));
    return ({ name }) => stateless.test(name);
  }
  if (typeof matcher === 'function') {
    return (layer) => callHook('layers.ignore', () => Boolean(matcher(layer))) ?? false;
  }
  return refuseOption('layers.ignore', EXPECTED, matcher);
}
