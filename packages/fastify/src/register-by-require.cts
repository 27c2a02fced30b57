// node --require @org/tracing-fastify/register server.js
const { isMainThread, isInternalThread } = require('node:worker_threads') as {
  isMainThread: boolean;
  isInternalThread?: boolean;
};

// Node runs this in its own thread for loader hooks too, where Node 22 can require no ES module and ends the process.
// Node 20 does not name that thread: there it is the one that has no program.
if (!(isInternalThread ?? (!isMainThread && process.argv[1] === undefined))) require('./register.js');
