import { SCENARIOS_ALONE } from './alone/scenarios.ts';
import { chainScenario } from './chain-scenario.ts';
import { growthOfConnections, growthOfSpans } from './growth-scenarios.ts';
import { getScenario, postScenario } from './http-scenario.ts';
import { memoryScenario } from './memory-scenario.ts';
import type { Scenario } from './scenario.ts';
import { startUpScenario } from './start-up-scenario.ts';

/** Everything that is measured, in the order of the page. */
export const SCENARIOS: readonly Scenario[] = [
  getScenario('fastify'),
  getScenario('koa'),
  getScenario('express'),
  postScenario('fastify'),
  postScenario('koa'),
  postScenario('express'),
  chainScenario,
  startUpScenario,
  memoryScenario,
  growthOfConnections,
  growthOfSpans,
  ...SCENARIOS_ALONE,
];

/** Those that are measured on the newest Node too: its AsyncLocalStorage is another one. */
export const ON_NEWEST_NODE: readonly string[] = ['fastify-get', 'koa-get', 'express-get', 'chain'];
