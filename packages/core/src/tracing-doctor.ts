#!/usr/bin/env node
// By the package's name: what is published is one file, of which this is to be no second copy.
import { runDoctor } from '@org/tracing-core';

void runDoctor(process.argv.slice(2)).then((code) => (process.exitCode = code));
