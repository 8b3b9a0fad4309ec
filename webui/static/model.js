// What the page shows, computed from one answer of /state. Pure: no DOM, no clock. Every text in it comes from users
// of the cluster and is data, never markup; addresses become links only here, after they were checked.

const terminal = new Set([
  "TASK_FINISHED", "TASK_FAILED", "TASK_KILLED", "TASK_ERROR", "TASK_LOST", "TASK_DROPPED", "TASK_GONE", "TASK_GONE_BY_OPERATOR",
]);

const stateOrder = [
  "TASK_STAGING", "TASK_STARTING", "TASK_RUNNING", "TASK_KILLING", "TASK_UNREACHABLE", "TASK_UNKNOWN",
  "TASK_FINISHED", "TASK_KILLED", "TASK_FAILED", "TASK_ERROR", "TASK_LOST", "TASK_DROPPED", "TASK_GONE", "TASK_GONE_BY_OPERATOR",
];

const list = (v) => (Array.isArray(v) ? v : []);
const text = (v) => (typeof v === "string" ? v : v === undefined || v === null ? "" : String(v));
const number = (v) => (Number.isFinite(v) ? v : 0);
const thousandths = (n) => Math.round(n * 1000) / 1000;
const natural = new Intl.Collator("en", { numeric: true }).compare;

/** host:port of "slave(1)@host:port", "" for anything that is not an address. */
export function address(pid) {
  const at = text(pid).slice(text(pid).lastIndexOf("@") + 1);
  return /^([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]):\d{1,5}$/.test(at) ? at : "";
}

/** A framework's own page, if that is a web address and not, say, javascript:. */
export function webAddress(url) {
  const parsed = URL.canParse(text(url)) ? new URL(text(url)) : null;
  return parsed && (parsed.protocol === "http:" || parsed.protocol === "https:") ? parsed.href : "";
}

/** Everything the page shows. */
export function model(state) {
  const agents = list(state.slaves).map(agentOf).sort((a, b) => natural(a.host, b.host) || natural(a.id, b.id));
  const byID = new Map(agents.map((a) => [a.id, a]));
  const gone = list(state.completed_frameworks);
  const frameworks = [...list(state.frameworks).map((f) => frameworkOf(f, false)), ...gone.map((f) => frameworkOf(f, true))];
  const tasks = [];
  for (const f of [...list(state.frameworks), ...gone]) {
    for (const t of [...list(f.tasks), ...list(f.unreachable_tasks), ...list(f.completed_tasks)]) tasks.push(taskOf(t, f, byID));
  }
  const active = tasks.filter((t) => !terminal.has(t.state));
  for (const t of active) {
    const a = byID.get(t.agentID);
    if (a) a.tasks++;
  }
  frameworks.sort((a, b) => a.completed - b.completed || b.registered - a.registered || natural(a.id, b.id));
  return {
    name: text(state.cluster) || "Mesos cluster",
    version: text(state.version),
    started: number(state.start_time),
    master: address(state.pid),
    leader: address(state.leader),
    unreachable: number(state.unreachable_slaves),
    resources: sum(agents),
    states: countStates(tasks),
    tasks: active.sort((a, b) => (b.started || Infinity) - (a.started || Infinity) || natural(a.id, b.id)),
    completed: tasks.filter((t) => terminal.has(t.state)).sort((a, b) => b.ended - a.ended || natural(a.id, b.id)),
    agents,
    frameworks,
  };
}

function agentOf(a) {
  const draining = text(a.drain_info?.state);
  const state = !a.active ? "Disconnected" : draining ? draining.charAt(0) + draining.slice(1).toLowerCase() : a.deactivated ? "Deactivated" : "Active";
  return {
    id: text(a.id),
    host: text(a.hostname),
    port: text(a.port),
    address: address(a.pid),
    active: Boolean(a.active),
    state,
    total: a.resources ?? {},
    used: a.used_resources ?? {},
    offered: a.offered_resources ?? {},
    attributes: Object.entries(a.attributes ?? {}).map(([k, v]) => `${k}:${text(v)}`).join(" "),
    registered: number(a.reregistered_time) || number(a.registered_time),
    version: text(a.version),
    tasks: 0,
  };
}

function frameworkOf(f, completed) {
  const state = completed ? "Completed" : !f.connected ? "Disconnected" : f.active ? "Active" : "Inactive";
  return {
    id: text(f.id),
    name: text(f.name),
    url: webAddress(f.webui_url),
    user: text(f.user),
    roles: (f.roles ? list(f.roles).map(text) : [text(f.role)]).join(", "),
    state,
    completed,
    tasks: list(f.tasks).filter((t) => !terminal.has(text(t.state))).length,
    offers: list(f.offers).length,
    used: f.used_resources ?? {},
    registered: number(f.reregistered_time) || number(f.registered_time),
    unregistered: number(f.unregistered_time),
  };
}

function taskOf(t, framework, agents) {
  const statuses = list(t.statuses);
  const running = statuses.find((s) => s.state === "TASK_RUNNING");
  const agent = agents.get(text(t.slave_id));
  const healthy = statuses.at(-1)?.healthy;
  return {
    id: text(t.id),
    name: text(t.name),
    state: text(t.state),
    unhealthy: healthy === false && !terminal.has(text(t.state)),
    frameworkID: text(t.framework_id) || text(framework.id),
    framework: text(framework.name),
    agentID: text(t.slave_id),
    agent: agent ? `${agent.host}:${agent.port}` : "",
    sandbox: agent?.address ? { address: agent.address, path: sandboxPath(t, framework, statuses) } : null,
    cpus: number(t.resources?.cpus),
    mem: number(t.resources?.mem),
    started: number((running ?? statuses[0])?.timestamp),
    ended: number(statuses.at(-1)?.timestamp),
  };
}

// A command task is its own executor. A task of a pod has a container inside its executor's, and a sandbox there.
function sandboxPath(t, framework, statuses) {
  const nested = [];
  const container = statuses.findLast((s) => s.container_status?.container_id)?.container_status.container_id;
  for (let c = container; c?.parent; c = c.parent) nested.unshift(`/containers/${text(c.value)}`);
  const executor = text(t.executor_id) || text(t.id);
  return `/frameworks/${text(t.framework_id) || text(framework.id)}/executors/${executor}/runs/latest${nested.join("")}`;
}

// What a disconnected agent has cannot be offered, so it is no part of the computer that one can use now.
function sum(agents) {
  return ["cpus", "mem", "disk", "gpus"].map((name) => {
    const r = { name, total: 0, used: 0, offered: 0, free: 0 };
    for (const a of agents) {
      if (!a.active) continue;
      r.total += number(a.total[name]);
      r.used += number(a.used[name]);
      r.offered += number(a.offered[name]);
    }
    for (const part of ["total", "used", "offered"]) r[part] = thousandths(r[part]);
    r.free = Math.max(0, thousandths(r.total - r.used - r.offered));
    return r;
  });
}

function countStates(tasks) {
  const counts = new Map();
  for (const t of tasks) counts.set(t.state, (counts.get(t.state) ?? 0) + 1);
  const place = (s) => (stateOrder.includes(s) ? stateOrder.indexOf(s) : stateOrder.length);
  return [...counts].map(([state, n]) => ({ state, n })).sort((a, b) => place(a.state) - place(b.state) || natural(a.state, b.state));
}
