#!/usr/bin/env node
import { runViewer } from './run-viewer.ts';

void runViewer(process.argv.slice(2)).then((code) => (process.exitCode = code));
