// All tasks, searched as one types.
import { useMemo, useState } from "preact/hooks";
import { shows } from "../data/calls.ts";
import { number } from "../data/format.ts";
import { score, words } from "../data/search.ts";
import { ends, meaning, stateOrder } from "../data/states.ts";
import { agents, frameworks, stateCounts, tasks, tasksAt } from "../data/store.ts";
import type { Task } from "../data/types.ts";
import { route, setQuery } from "../route.ts";
import { PageHead } from "../ui/bits.tsx";
import { pace, TaskTable } from "../ui/task_table.tsx";
import { useChanges } from "../ui/hooks.ts";

export function TasksPage() {
  const q = route.value.query;
  const state = q.get("state") ?? "live";
  const [find, setFind] = useState(q.get("find") ?? "");
  const at = useChanges(pace(), tasksAt);
  const rows = useMemo(() => filter(find, state), [at, find, state]);
  const known = [...stateCounts.keys()].sort((a, b) => stateOrder.indexOf(a) - stateOrder.indexOf(b));
  const chips: [string, string, number][] = [
    ["live", "live", sum((s) => !ends(s))], ["ended", "ended", sum(ends)], ["all", "all", tasks.size],
    ...known.map((s): [string, string, number] => [s, meaning(s).name, stateCounts.get(s) ?? 0]),
  ];
  return (
    <>
      <PageHead title="Tasks" cli={shows.tasks()} />
      <div class="filters">
        <input type="search" class="find" placeholder="Find by id, name, framework, host, role…" aria-label="Find tasks" value={find} autocomplete="off" spellcheck={false}
          onInput={(e) => { setFind(e.currentTarget.value); setQuery({ find: e.currentTarget.value }); }} />
        <div class="chips" role="group" aria-label="By state">
          {chips.map(([key, name, n]) => <button key={key} class="chip" aria-pressed={state === key} onClick={() => setQuery({ state: key })}>{name} <b>{number(n)}</b></button>)}
        </div>
      </div>
      <TaskTable rows={rows} label="Tasks" empty={tasks.size === 0 ? "No task was ever launched" : find ? "No task has all of that" : "No task is in this state"} />
    </>
  );
}

function sum(keep: (state: string) => boolean): number {
  let n = 0;
  for (const [s, c] of stateCounts) if (keep(s)) n += c;
  return n;
}

function filter(find: string, state: string): Task[] {
  const q = words(find);
  const out: { t: Task; s: number }[] = [];
  for (const t of tasks.values()) {
    if (state === "live" ? ends(t.state) : state === "ended" ? !ends(t.state) : state !== "all" && t.state !== state) continue;
    let s = 1;
    if (q.length > 0) {
      s = score(q, [t.id.toLowerCase(), t.name.toLowerCase()], rest(t));
      if (s === 0) continue;
    }
    out.push({ t, s });
  }
  out.sort((a, b) => b.s - a.s || (b.t.since ?? 0) - (a.t.since ?? 0) || (a.t.id < b.t.id ? -1 : 1));
  return out.map((x) => x.t);
}

function rest(t: Task): string {
  return `${frameworks.get(t.framework)?.name ?? ""} ${t.framework} ${agents.get(t.agent)?.hostname ?? ""} ${t.agent} ${t.role} ${meaning(t.state).name} ${t.message ?? ""}`.toLowerCase();
}
