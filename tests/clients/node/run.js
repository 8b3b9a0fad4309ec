// A scheduler over the npm package mesos-framework: runs tasks until each has finished, tears its framework down and
// exits 0. Usage: node run.js HOST PORT TASKS. Any other outcome than TASK_FINISHED exits 1.
"use strict";

const fs = require("fs");
const os = require("os");
const { Scheduler, Mesos } = require("mesos-framework");

const [host, port, count] = process.argv.slice(2);
const wanted = parseInt(count, 10);
const types = Mesos.getMesos();

fs.mkdirSync("logs", { recursive: true }); // the package logs there and does not make it

const scheduler = new Scheduler({
  masterUrl: host,
  port,
  frameworkName: "node-client",
  user: os.userInfo().username,
  restartStates: [], // by default the package starts failed tasks again, for ever
  logging: { path: "logs", fileName: "mesos-framework.log", level: "info" },
  tasks: {
    hello: {
      priority: 1,
      instances: wanted,
      commandInfo: new types.CommandInfo(null, null, true, "echo hello from $HOST", null, null),
      resources: { cpus: 0.1, mem: 32, ports: 1, disk: 0 },
    },
  },
});

const finished = new Set();
let running = 0;
let leaving = false;

function fail(why) {
  console.log(`FAIL ${why}`);
  process.exit(1);
}

scheduler.on("ready", () => scheduler.subscribe());
scheduler.on("subscribed", (s) => console.log(`SUBSCRIBED ${s.frameworkId}`));

scheduler.on("update", ({ status }) => {
  console.log(`UPDATE ${status.task_id.value} ${status.state}`);
  switch (status.state) {
    case "TASK_STAGING":
    case "TASK_STARTING":
      return;
    case "TASK_RUNNING":
      running++;
      return;
    case "TASK_FINISHED":
      finished.add(status.task_id.value);
      break;
    default:
      fail(`${status.task_id.value} is ${status.state}: ${status.message}`);
  }
  if (finished.size === wanted && !leaving) {
    if (running === 0) fail("tasks finished, and none was ever running");
    leaving = true;
    scheduler.teardown();
  }
});

scheduler.on("sent_teardown", () => {
  console.log(`TEARDOWN after ${finished.size} tasks`);
  process.exit(0);
});

scheduler.on("error", (e) => {
  // The master closes the stream of a framework that is torn down; the package calls that an error.
  if (!leaving) fail(e.message || JSON.stringify(e));
});
