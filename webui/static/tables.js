// The four tables of the page: which columns they have and what they say when there is nothing to show.

import { ago, amount, moment, size, stateLabel } from "./format.js";
import { Table, el } from "./table.js";

const tones = {
  TASK_RUNNING: "good", TASK_FINISHED: "calm", TASK_KILLED: "calm", TASK_STAGING: "busy", TASK_STARTING: "busy", TASK_KILLING: "busy",
  Active: "good", Completed: "calm", Draining: "busy", Drained: "calm", Deactivated: "calm",
};

/** The css class of a state: good, busy, calm or bad. */
export const tone = (state) => tones[state] ?? "bad";

const state = (name, label = name) => ({ text: label, css: `state ${tone(name)}` });
const time = (at, now) => ({ text: ago(at, now), title: moment(at), datetime: at > 0 ? new Date(at * 1000).toISOString() : "" });
const share = (used, total, format) => ({ text: `${format(used ?? 0)} of ${format(total ?? 0)}` });
const id = (text) => ({ text, css: "id" });
const command = (text) => el("code", {}, text);

// Where the last answer of the master puts "now", in seconds: the browser's clock may be wrong.
let now = 0;
export const setNow = (seconds) => { now = seconds; };

function sandbox(t) {
  if (!t.sandbox) return { text: t.agent ? "no address" : "agent gone", css: "dim" };
  return ["stdout", "stderr"].map((name) => ({
    text: name,
    label: `${name} of task ${t.id.slice(0, 160)}`,
    title: `Download ${name} from ${t.sandbox.address}`,
    href: `${location.protocol}//${t.sandbox.address}/files/download?path=${encodeURIComponent(`${t.sandbox.path}/${name}`)}`,
  }));
}

const taskColumns = (when) => [
  { title: "Task", css: "lead id", cell: (t) => ({ text: t.id }) },
  { title: "Name", cell: (t) => ({ text: t.name }) },
  { title: "State", css: "condition", cell: (t) => [state(t.state, stateLabel(t.state)), { text: t.unhealthy ? "unhealthy" : "", css: "state bad" }] },
  { title: "Framework", cell: (t) => ({ text: t.framework || t.frameworkID, title: t.frameworkID }) },
  { title: "Agent", css: "host", cell: (t) => ({ text: t.agent || t.agentID, title: t.agentID }) },
  { title: "CPUs", css: "num", cell: (t) => ({ text: amount(t.cpus) }) },
  { title: "Memory", css: "num", cell: (t) => ({ text: size(t.mem) }) },
  when,
  { title: "Sandbox", css: "links", cell: sandbox },
];

const searchTask = (t) => [t.id, t.name, stateLabel(t.state), t.framework, t.frameworkID, t.agent, t.agentID].join("\n");
const keyTask = (t) => [t.frameworkID, t.id, t.started].join("\n");

const agentColumns = [
  { title: "Agent", css: "lead", cell: (a) => [{ text: `${a.host}:${a.port}`, title: a.address }, id(a.id)] },
  { title: "State", css: "condition", cell: (a) => state(a.state) },
  { title: "CPUs used", css: "num", cell: (a) => share(a.used.cpus, a.total.cpus, amount) },
  { title: "Memory used", css: "num", cell: (a) => share(a.used.mem, a.total.mem, size) },
  { title: "Disk used", css: "num", cell: (a) => share(a.used.disk, a.total.disk, size) },
  { title: "GPUs used", css: "num", cell: (a) => (a.total.gpus ? share(a.used.gpus, a.total.gpus, amount) : { text: "none", css: "dim" }) },
  { title: "Tasks", css: "num", cell: (a) => ({ text: String(a.tasks) }) },
  { title: "Attributes", cell: (a) => ({ text: a.attributes }) },
  { title: "Registered", cell: (a) => time(a.registered, now) },
];

const frameworkColumns = [
  { title: "Framework", css: "lead", cell: (f) => [{ text: f.name || "unnamed", href: f.url, title: f.url }, id(f.id)] },
  { title: "State", css: "condition", cell: (f) => state(f.state) },
  { title: "User", cell: (f) => ({ text: f.user }) },
  { title: "Roles", cell: (f) => ({ text: f.roles }) },
  { title: "Tasks", css: "num", cell: (f) => ({ text: String(f.tasks) }) },
  { title: "Offers held", css: "num", cell: (f) => (f.completed ? { text: String(f.offers) } : [{ text: String(f.offers) }, why(f)]) },
  { title: "CPUs used", css: "num", cell: (f) => ({ text: amount(f.used.cpus ?? 0) }) },
  { title: "Memory used", css: "num", cell: (f) => ({ text: size(f.used.mem ?? 0) }) },
  { title: "Registered", cell: (f) => time(f.registered, now) },
];

// The allocator's own words: what the framework was offered, and why not more.
const why = (f) => ({ text: "why?", href: `explain/framework/${encodeURIComponent(f.id)}`, label: `Why ${f.name || f.id} is offered what it is` });

// The command line's own default needs no flag.
const runCommand = (m) => `bin/mesos run ${!m.leader || m.leader === "127.0.0.1:5050" ? "" : `--master ${m.leader} `}-- echo hello`;
const agentCommand = (m) => `bin/mesos-agent --master=${m.leader || "127.0.0.1:5050"} --work_dir=/var/lib/mesos/agent`;

const addAgent = (m) => ["No agents yet, so nothing can run. Start one on each machine that shall run tasks: ", command(agentCommand(m))];
const runOne = (m, lead) => [lead, command(runCommand(m))];
const addFramework = (m) => (m.agents.length ? runOne(m, "No framework is subscribed. This command is a small one: ") : ["No framework is subscribed."]);

/** Makes the tables; the function returned shows a model, filtered by words. */
export function makeTables() {
  const at = (name) => document.getElementById(name);
  const tasks = new Table(at("tasks"), {
    label: "Active tasks", keyOf: keyTask, searchOf: searchTask,
    columns: taskColumns({ title: "Started", cell: (t) => time(t.started, now) }),
  });
  const completed = new Table(at("completed"), {
    label: "Completed tasks", keyOf: keyTask, searchOf: searchTask,
    columns: taskColumns({ title: "Ended", cell: (t) => time(t.ended, now) }),
  });
  const agents = new Table(at("agents"), {
    label: "Agents", columns: agentColumns, keyOf: (a) => a.id,
    searchOf: (a) => [a.id, a.host, a.address, a.state, a.attributes].join("\n"),
  });
  const frameworks = new Table(at("frameworks"), {
    label: "Frameworks", columns: frameworkColumns, keyOf: (f) => `${f.id}\n${f.completed}`,
    searchOf: (f) => [f.id, f.name, f.state, f.user, f.roles].join("\n"),
  });
  return (m, words) => {
    tasks.update(m.tasks, words, () => (m.agents.length ? runOne(m, "Nothing is running. Try: ") : ["Nothing is running, and there is no agent to run it. ", el("a", { href: "#agents" }, "How to start one")]));
    completed.update(m.completed, words, () => ["Nothing has ended yet. Tasks that finish, fail or are killed are kept here for a while."]);
    agents.update(m.agents, words, () => addAgent(m));
    frameworks.update(m.frameworks, words, () => addFramework(m));
  };
}
