import type { Scenario } from '../scenario.ts';
import { exporterScenario } from './exporter.ts';
import { growthByAttributes } from './growth-attributes.ts';
import { growthByQueue } from './growth-queue.ts';
import { importScenario } from './import.ts';
import { installedSizeScenario } from './installed-size.ts';
import { logLineScenario } from './log-line.ts';

/** What is measured without requests, in the order of the page. */
export const SCENARIOS_ALONE: readonly Scenario[] = [
  importScenario,
  installedSizeScenario,
  exporterScenario,
  logLineScenario,
  growthByAttributes,
  growthByQueue,
];
