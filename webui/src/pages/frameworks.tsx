// Frameworks: who runs what, and who waits.
import { useMemo, useState } from "preact/hooks";
import { shows } from "../data/calls.ts";
import { amount, number, percent } from "../data/format.ts";
import { score, words } from "../data/search.ts";
import { frameworkTone } from "../data/states.ts";
import { frameworks, frameworksAt, liveOf, offered, offersAt, tasksAt, total, used } from "../data/store.ts";
import type { Framework } from "../data/types.ts";
import { links, route, setQuery } from "../route.ts";
import { Ago, Badge, Bar, PageHead } from "../ui/bits.tsx";
import { useChanges } from "../ui/hooks.ts";
import { type Column, NoRows, Table } from "../ui/table.tsx";
import { pace } from "../ui/task_table.tsx";
import { WhyButton } from "../ui/why.tsx";

const share = (f: Framework): number => used.framework.of(f.id).shareOf(total);

const columns: Column<Framework>[] = [
  { key: "name", name: "Framework", width: "minmax(0, 1.8fr)", by: (f) => f.name, cell: (f) => <a class="name" href={links.framework(f.id)}>{f.name || f.id}</a> },
  { key: "state", name: "State", width: "8rem", by: (f) => f.state, cell: (f) => <Badge tone={frameworkTone[f.state] ?? "off"}>{f.state}</Badge> },
  { key: "roles", name: "Roles", width: "minmax(0, 1fr)", wide: true, by: (f) => (f.roles ?? []).join(), cell: (f) => (f.roles ?? []).join(", ") },
  { key: "tasks", name: "Tasks", width: "5rem", right: true, by: (f) => liveOf.get(f.id) ?? 0, cell: (f) => number(liveOf.get(f.id) ?? 0) },
  { key: "share", name: "Share", width: "minmax(0, 1.1fr)", by: share, cell: (f) => <span class="cell-meter"><Bar used={share(f)} total={1} label={`Share ${percent(share(f))}`} /><span>{percent(share(f))}</span></span> },
  { key: "cpus", name: "CPUs", width: "5rem", right: true, wide: true, by: (f) => used.framework.of(f.id).cpus, cell: (f) => amount("cpus", used.framework.of(f.id).get("cpus")) },
  { key: "mem", name: "Memory", width: "6rem", right: true, wide: true, by: (f) => used.framework.of(f.id).mem, cell: (f) => amount("mem", used.framework.of(f.id).get("mem")) },
  { key: "offers", name: "Offers", width: "5rem", right: true, wide: true, by: (f) => offered.framework.of(f.id).count, cell: (f) => number(offered.framework.of(f.id).count) },
  { key: "since", name: "Registered", width: "7.5rem", right: true, wide: true, by: (f) => -f.registered, cell: (f) => <Ago at={f.registered} /> },
  { key: "why", name: "", width: "5.5rem", right: true, cell: (f) => (f.state === "completed" ? null : <WhyButton kind="framework" id={f.id} what={f.name} />) },
];

export function FrameworksPage() {
  const q = route.value.query;
  const [find, setFind] = useState(q.get("find") ?? "");
  const past = q.get("past") === "1";
  const at = useChanges(pace(), frameworksAt, tasksAt, offersAt);
  const rows = useMemo(() => {
    const asked = words(find);
    return [...frameworks.values()].filter((f) => (f.state === "completed") === past && (asked.length === 0 || score(asked, [f.name.toLowerCase(), f.id.toLowerCase()], `${(f.roles ?? []).join(" ")} ${f.user} ${f.state}`.toLowerCase()) > 0))
      .sort((a, b) => b.registered - a.registered);
  }, [at, find, past]);
  const done = [...frameworks.values()].filter((f) => f.state === "completed").length;
  return (
    <>
      <PageHead title="Frameworks" cli={shows.frameworks()} />
      <div class="filters">
        <input type="search" class="find" placeholder="Find by name, id, role, user…" aria-label="Find frameworks" value={find} autocomplete="off" spellcheck={false} onInput={(e) => { setFind(e.currentTarget.value); setQuery({ find: e.currentTarget.value }); }} />
        <div class="chips" role="group" aria-label="Which">
          <button class="chip" aria-pressed={!past} onClick={() => setQuery({ past: "" })}>known <b>{number(frameworks.size - done)}</b></button>
          <button class="chip" aria-pressed={past} onClick={() => setQuery({ past: "1" })}>completed <b>{number(done)}</b></button>
        </div>
      </div>
      <Table rows={rows} columns={columns} id={(f) => f.id} href={(f) => links.framework(f.id)} label="Frameworks" cardHeight={84}
        empty={<NoRows title={find ? "No framework has all of that" : past ? "No framework has ended yet" : "No framework has subscribed yet"} />} />
    </>
  );
}
