#!/usr/bin/env node
import { runDoctor } from '@org/tracing-core';

void runDoctor(process.argv.slice(2)).then((code) => (process.exitCode = code));
