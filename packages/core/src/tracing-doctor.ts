#!/usr/bin/env node
import { runDoctor } from './doctor/command-line.ts';

void runDoctor(process.argv.slice(2)).then((code) => (process.exitCode = code));
