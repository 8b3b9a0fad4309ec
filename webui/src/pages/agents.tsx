// Agents: how full each is, as a map and as a table.
import { useMemo, useState } from "preact/hooks";
import { shows } from "../data/calls.ts";
import { amount, number, percent, plural } from "../data/format.ts";
import { score, words } from "../data/search.ts";
import { agentTone } from "../data/states.ts";
import { agents, agentsAt, liveOn, offered, offersAt, tasksAt, used } from "../data/store.ts";
import type { Agent, Kind } from "../data/types.ts";
import { links, route, setQuery } from "../route.ts";
import { Ago, Badge, Card, Cli, Empty, KindBar, PageHead } from "../ui/bits.tsx";
import { useChanges } from "../ui/hooks.ts";
import { type Column, NoRows, Table } from "../ui/table.tsx";
import { pace } from "../ui/task_table.tsx";

const share = (a: Agent, k: Kind): number => (a.res[k] ? used.agent.of(a.id).get(k) / a.res[k]! : 0);
const meter = (k: Kind) => (a: Agent) => (
  <span class="cell-meter"><KindBar kind={k} used={used.agent.of(a.id)} offered={offered.agent.of(a.id)} total={a.res[k] ?? 0} /><span>{percent(share(a, k))} <span class="quiet">of {amount(k, a.res[k] ?? 0)}</span></span></span>
);

const columns: Column<Agent>[] = [
  { key: "host", name: "Host", width: "minmax(0, 1.4fr)", by: (a) => a.hostname + a.pid, cell: (a) => <a class="name" href={links.agent(a.id)}>{a.hostname}<span class="quiet">:{a.pid.split(":").at(-1)}</span></a> },
  { key: "state", name: "State", width: "8rem", by: (a) => a.state, cell: (a) => <Badge tone={agentTone[a.state] ?? "off"}>{a.state}</Badge> },
  { key: "tasks", name: "Tasks", width: "4.5rem", right: true, by: (a) => liveOn.get(a.id) ?? 0, cell: (a) => number(liveOn.get(a.id) ?? 0) },
  { key: "cpus", name: "CPUs used", width: "minmax(0, 1.3fr)", by: (a) => share(a, "cpus"), cell: meter("cpus") },
  { key: "mem", name: "Memory used", width: "minmax(0, 1.3fr)", by: (a) => share(a, "mem"), cell: meter("mem"), wide: true },
  { key: "disk", name: "Disk used", width: "minmax(0, 1.3fr)", by: (a) => share(a, "disk"), cell: meter("disk"), wide: true },
  { key: "where", name: "Where", width: "minmax(0, 1.2fr)", wide: true, by: where, cell: (a) => where(a) || <span class="quiet">—</span> },
  { key: "since", name: "Registered", width: "7.5rem", right: true, wide: true, by: (a) => -a.registered, cell: (a) => <Ago at={a.registered} /> },
];

function where(a: Agent): string {
  return [[a.region, a.zone].filter(Boolean).join("/"), ...Object.entries(a.attributes ?? {}).map(([k, v]) => `${k}:${v}`)].filter(Boolean).join(" ");
}

export function AgentsPage() {
  const [find, setFind] = useState(route.value.query.get("find") ?? "");
  const at = useChanges(pace(), agentsAt, tasksAt, offersAt);
  const rows = useMemo(() => {
    const q = words(find);
    return [...agents.values()].filter((a) => q.length === 0 || score(q, [a.hostname.toLowerCase(), a.id.toLowerCase()], `${a.state} ${a.pid} ${where(a)}`.toLowerCase()) > 0)
      .sort((a, b) => (a.hostname < b.hostname ? -1 : a.hostname > b.hostname ? 1 : a.pid < b.pid ? -1 : 1));
  }, [at, find]);
  return (
    <>
      <PageHead title="Agents" cli={shows.agents()} />
      {agents.size === 0
        ? <Card><Empty title="No agent has registered yet">Start one, and it appears here at once:<Cli line={`mesos-agent --master=${location.host} --work_dir=/var/lib/mesos/agent`} /></Empty></Card>
        : <>
          <HeatMap rows={rows} />
          <div class="filters"><input type="search" class="find" placeholder="Find by host, id, state, attribute…" aria-label="Find agents" value={find} autocomplete="off" spellcheck={false}
            onInput={(e) => { setFind(e.currentTarget.value); setQuery({ find: e.currentTarget.value }); }} /></div>
          <Table rows={rows} columns={columns} id={(a) => a.id} href={(a) => links.agent(a.id)} label="Agents" empty={<NoRows title="No agent has all of that" />} cardHeight={92} />
        </>}
    </>
  );
}

const measures: [string, string][] = [["most", "fullest resource"], ["cpus", "CPUs"], ["mem", "memory"], ["disk", "disk"], ["tasks", "tasks"]];

/** One cell an agent, grouped by where it is, coloured by how full it is. */
function HeatMap({ rows }: { rows: Agent[] }) {
  const q = route.value.query;
  const measure = q.get("heat") ?? "most", group = q.get("by") ?? defaultGroup(rows);
  const names = [...new Set(rows.flatMap((a) => Object.keys(a.attributes ?? {})))].sort();
  const groups = new Map<string, Agent[]>();
  for (const a of rows) {
    const key = groupOf(a, group);
    groups.get(key)?.push(a) ?? groups.set(key, [a]);
  }
  const busiest = Math.max(1, ...rows.map((a) => liveOn.get(a.id) ?? 0));
  return (
    <Card title="Map" extra={<span class="selects">
      <label>Colour <select value={measure} onChange={(e) => setQuery({ heat: e.currentTarget.value })}>{measures.map(([k, n]) => <option key={k} value={k}>{n}</option>)}</select></label>
      <label>Group <select value={group} onChange={(e) => setQuery({ by: e.currentTarget.value })}><option value="none">none</option><option value="zone">region and zone</option>{names.map((n) => <option key={n} value={`@${n}`}>{n}</option>)}</select></label>
    </span>}>
      <div class={`heat ${rows.length <= 60 ? "big" : rows.length > 400 ? "small" : ""}`}>
        {[...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, list]) => (
          <section key={name} class="heat-group" aria-label={name || "all agents"}>
            {name && <h3>{name} <span class="quiet">{plural(list.length, "agent")}</span></h3>}
            <div class="heat-cells">{list.map((a) => {
              const f = measure === "tasks" ? (liveOn.get(a.id) ?? 0) / busiest : measure === "most" ? Math.max(share(a, "cpus"), share(a, "mem"), share(a, "disk")) : share(a, measure as Kind);
              const level = a.state === "disconnected" ? "out" : f <= 0 ? "h0" : `h${Math.min(9, 1 + Math.floor(f * 9))}`;
              const says = `${a.hostname}: ${a.state}, ${measure === "tasks" ? plural(liveOn.get(a.id) ?? 0, "task") : `${percent(f)} used`}`;
              return <a key={a.id} class={`heat-cell ${level} ${a.state === "active" ? "" : "odd"}`} href={links.agent(a.id)} title={says} aria-label={says} />;
            })}</div>
          </section>
        ))}
      </div>
      <p class="heat-scale" aria-hidden="true"><span>free</span>{Array.from({ length: 10 }, (_, i) => <i key={i} class={`heat-cell h${i}`} />)}<span>full</span><i class="heat-cell out" /><span>disconnected</span></p>
    </Card>
  );
}

function defaultGroup(rows: Agent[]): string {
  if (rows.some((a) => a.zone)) return "zone";
  const rack = rows.some((a) => a.attributes?.rack);
  return rack ? "@rack" : "none";
}

function groupOf(a: Agent, group: string): string {
  if (group === "zone") return [a.region, a.zone].filter(Boolean).join(" / ") || "nowhere said";
  if (group.startsWith("@")) return a.attributes?.[group.slice(1)] !== undefined ? `${group.slice(1)} ${a.attributes[group.slice(1)]}` : `no ${group.slice(1)}`;
  return "";
}

