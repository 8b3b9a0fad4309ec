// Tasks as a table, on the pages of tasks, agents and frameworks.
import { useMemo } from "preact/hooks";
import { amount } from "../data/format.ts";
import { stateOrder } from "../data/states.ts";
import { agents, frameworks, hostName, taskKey, tasks, tasksAt } from "../data/store.ts";
import type { Task } from "../data/types.ts";
import { links } from "../route.ts";
import { For, ID, TaskState } from "./bits.tsx";
import { useChanges } from "./hooks.ts";
import { type Column, NoRows, Table } from "./table.tsx";

const host = (t: Task): string => hostName(t.agent);
const of = (t: Task): string => frameworks.get(t.framework)?.name ?? t.framework;

const columns: Record<string, Column<Task>> = {
  state: { key: "state", name: "State", width: "8.5rem", by: (t) => stateOrder.indexOf(t.state), cell: (t) => <TaskState state={t.state} healthy={t.healthy} /> },
  task: { key: "task", name: "Task", width: "minmax(0, 2.2fr)", by: (t) => t.id, cell: (t) => <a class="name" href={links.task(t.framework, t.id)}>{t.id}</a> },
  name: { key: "name", name: "Name", width: "minmax(0, 1.2fr)", by: (t) => t.name, cell: (t) => t.name, wide: true },
  framework: { key: "framework", name: "Framework", width: "minmax(0, 1.2fr)", by: of, cell: (t) => <a href={links.framework(t.framework)}>{of(t)}</a>, wide: true },
  agent: { key: "agent", name: "Agent", width: "minmax(0, 1.2fr)", by: host, cell: (t) => (agents.has(t.agent) ? <a href={links.agent(t.agent)}>{host(t)}</a> : <ID id={t.agent} />) },
  cpus: { key: "cpus", name: "CPUs", width: "4.5rem", right: true, wide: true, by: (t) => t.res.cpus ?? 0, cell: (t) => amount("cpus", t.res.cpus ?? 0) },
  mem: { key: "mem", name: "Memory", width: "5.5rem", right: true, wide: true, by: (t) => t.res.mem ?? 0, cell: (t) => amount("mem", t.res.mem ?? 0) },
  since: { key: "since", name: "In this state", width: "8rem", right: true, by: (t) => -(t.since ?? 0), cell: (t) => <For at={t.since} /> },
};

/** What a row shows stands for so long, in ms, in a cluster with many tasks. */
export function pace(): number { return tasks.size > 5000 ? 1000 : tasks.size > 1000 ? 500 : 100; }

export function TaskTable({ rows, without = [], empty, label, sort = "" }: { rows: Task[]; without?: string[]; empty: string; label: string; sort?: string }) {
  const shown = useMemo(() => Object.values(columns).filter((c) => !without.includes(c.key)), [without.join()]);
  return <Table rows={rows} columns={shown} id={(t) => taskKey(t.framework, t.id)} href={(t) => links.task(t.framework, t.id)} label={label} sort={sort} empty={<NoRows title={empty} />} />;
}

/** The tasks that keep says, live ones first and the newest of each kind before others. */
export function useTasks(keep: (t: Task) => boolean, deps: unknown[]): Task[] {
  const at = useChanges(pace(), tasksAt);
  return useMemo(() => {
    const out: Task[] = [];
    for (const t of tasks.values()) if (keep(t)) out.push(t);
    return out.sort((a, b) => Number(a.past ?? false) - Number(b.past ?? false) || (b.since ?? 0) - (a.since ?? 0) || (a.id < b.id ? -1 : 1));
  }, [at, ...deps]);
}
