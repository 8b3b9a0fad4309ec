// Everything that the master told, and sums over it. Rows are replaced, never changed. Each collection has a signal that
// counts its changes: who reads the collection reads the signal first.
import { batch, signal } from "@preact/signals";
import { Sum, Sums, thousandths } from "./sums.ts";
import type { Agent, Change, Columns, Executor, First, Framework, Master, Offer, Settings, Summary, Task } from "./types.ts";
import { kinds } from "./types.ts";

export const tasks = new Map<string, Task>();
export const agents = new Map<string, Agent>();
export const frameworks = new Map<string, Framework>();
export const offers = new Map<string, Offer>();
export const executors = new Map<string, Executor>();

export const tasksAt = signal(0);
export const agentsAt = signal(0);
export const frameworksAt = signal(0);
export const offersAt = signal(0);
export const master = signal<Master | null>(null);
export const settings = signal<Settings>({ weights: {}, quotas: {} });

/** What tasks and executors hold. */
export const used = { all: new Sum(), agent: new Sums(), framework: new Sums(), role: new Sums() };
/** What is offered and not answered. */
export const offered = { all: new Sum(), agent: new Sums(), framework: new Sums(), role: new Sums() };
/** What connected agents have. */
export const total = new Sum();
/** Live tasks by agent and by framework. */
export const liveOn = new Map<string, number>();
export const liveOf = new Map<string, number>();
/** Agents by the host they run on. */
const onHost = new Map<string, number>();
/** Tasks by state, history included. */
export const stateCounts = new Map<string, number>();

export function taskKey(framework: string, id: string): string { return `${framework}\n${id}`; }

function count(m: Map<string, number>, key: string, by: number): void {
  const n = (m.get(key) ?? 0) + by;
  if (n === 0) m.delete(key);
  else m.set(key, n);
}

function hold(where: typeof used, r: { agent: string; framework: string; role?: string; res: Task["res"] }, sign: 1 | -1): void {
  const res = thousandths(r.res), role = r.role ?? "*";
  where.all.put(res, sign);
  where.agent.change(r.agent, res, sign);
  where.framework.change(r.framework, res, sign);
  if (!role.includes("/")) where.role.change(role, res, sign);
  else for (const each of lineage(role)) where.role.change(each, res, sign);
}

/** A role and those above it: a/b/c, a/b, a. */
export function lineage(role: string): string[] {
  const out = [role];
  for (let i = role.lastIndexOf("/"); i > 0; i = role.lastIndexOf("/", i - 1)) out.push(role.slice(0, i));
  return out;
}

function countTask(t: Task, sign: 1 | -1): void {
  if (t.holds) hold(used, t, sign);
  count(stateCounts, t.state, sign);
  if (!t.past) {
    count(liveOn, t.agent, sign);
    count(liveOf, t.framework, sign);
  }
}

function replace<R>(rows: Map<string, R>, key: string, row: R | undefined, told: (r: R, sign: 1 | -1) => void): void {
  const old = rows.get(key);
  if (old) told(old, -1);
  if (row) {
    rows.set(key, row);
    told(row, 1);
  } else rows.delete(key);
}

const countAgent = (a: Agent, sign: 1 | -1): void => {
  if (a.state !== "disconnected") total.add(a.res, sign);
  count(onHost, a.hostname, sign);
};
const countOffer = (o: Offer, sign: 1 | -1): void => { if (!o.inverse) hold(offered, o, sign); };
const countExecutor = (e: Executor, sign: 1 | -1): void => hold(used, e, sign);

/** Takes a change over; one render follows, whatever it holds. */
export function apply(c: Change): void {
  batch(() => {
    if (c.master) master.value = c.master;
    if (c.settings) settings.value = c.settings;
    replaceRows(c);
    const held = Boolean(c.executors || c.executors_gone);
    if (c.agents || c.agents_gone) agentsAt.value++;
    if (c.frameworks || c.frameworks_gone) frameworksAt.value++;
    if (c.tasks || c.tasks_gone || held) tasksAt.value++;
    if (c.offers || c.offers_gone) offersAt.value++;
  });
}

function replaceRows(c: Change): void {
  for (const a of c.agents ?? []) replace(agents, a.id, a, countAgent);
  for (const id of c.agents_gone ?? []) replace(agents, id, undefined, countAgent);
  for (const f of c.frameworks ?? []) frameworks.set(f.id, f);
  for (const id of c.frameworks_gone ?? []) frameworks.delete(id);
  for (const t of c.tasks ?? []) replace(tasks, taskKey(t.framework, t.id), t, countTask);
  for (const [f, id] of c.tasks_gone ?? []) replace(tasks, taskKey(f, id), undefined, countTask);
  for (const o of c.offers ?? []) replace(offers, o.id, o, countOffer);
  for (const id of c.offers_gone ?? []) replace(offers, id, undefined, countOffer);
  for (const e of c.executors ?? []) replace(executors, [e.framework, e.agent, e.id].join("\n"), e, countExecutor);
  for (const key of c.executors_gone ?? []) replace(executors, key.join("\n"), undefined, countExecutor);
}

/** An agent as people know it: by its host, and its port where several share a host. */
export function hostName(id: string): string {
  const a = agents.get(id);
  if (!a) return "";
  return (onHost.get(a.hostname) ?? 0) > 1 ? `${a.hostname}:${a.pid.split(":").at(-1)}` : a.hostname;
}

/** What is known until all rows are there; null once they are. Only who says so may read the collections meanwhile. */
export const summary = signal<Summary | null>(null);

/** Begins anew, with the first line of a picture. */
export function begin(s: First): void {
  batch(() => {
    for (const m of [tasks, agents, frameworks, offers, executors, liveOn, liveOf, stateCounts, onHost]) m.clear();
    for (const of of [used, offered]) {
      Object.assign(of.all, new Sum());
      for (const sums of [of.agent, of.framework, of.role]) sums.clear();
    }
    Object.assign(total, new Sum());
    summary.value = s.summary;
    apply({ master: s.master, settings: s.settings, frameworks: s.frameworks ?? [] });
    history.begin(s);
  });
}

/** Takes over some rows of a picture. Nothing is drawn before the last ones are there. */
export function fill(c: Change): void { replaceRows(c); }

/** Draws what the picture held. */
export function finish(): void {
  batch(() => {
    summary.value = null;
    for (const at of [agentsAt, frameworksAt, tasksAt, offersAt]) at.value++;
    history.sample(Date.now() / 1000);
  });
}

/** Sums over time, as columns for charts: what the master kept, and what was seen since. */
class History {
  readonly at = signal(0);
  times: number[] = [];
  total: Record<string, number[]> = {};
  used: Record<string, number[]> = {};
  offered: Record<string, number[]> = {};
  private every = 10;

  begin(s: First): void {
    const copy = (c: Columns): Record<string, number[]> => Object.fromEntries(kinds.map((k) => [k, [...(c[k] ?? [])]]));
    this.times = [...(s.history.times ?? [])];
    this.total = copy(s.history.total);
    this.used = copy(s.history.used);
    this.offered = copy(s.history.offered);
    this.every = s.history_seconds || 10;
    this.at.value++;
  }

  /** The last point follows every change; a new one begins as often as the master samples. */
  sample(now: number): void {
    const n = this.times.length;
    const moves = n > 1 && now - this.times[n - 2]! < this.every;
    if (!moves && n > 720) for (const list of [this.times, ...this.lists()]) list.shift();
    const i = moves ? n - 1 : this.times.length;
    this.times[i] = now;
    for (const k of kinds) {
      this.total[k]![i] = total.get(k);
      this.used[k]![i] = used.all.get(k);
      this.offered[k]![i] = offered.all.get(k);
    }
    this.at.value++;
  }

  private lists(): number[][] { return [this.total, this.used, this.offered].flatMap((o) => Object.values(o)); }
}

export const history = new History();
setInterval(() => { if (history.times.length > 0 && !summary.peek()) history.sample(Date.now() / 1000); }, 1000);
