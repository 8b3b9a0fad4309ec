// Services that marathon keeps running: what each is, what changes, and what waits.
import { useMemo, useState } from "preact/hooks";
import { shows } from "../data/calls.ts";
import { amount, megabytes, number, plural, stamp } from "../data/format.ts";
import { isMarathon } from "../data/keepers.ts";
import { score, words } from "../data/search.ts";
import { type App, bare, events, eventsOf, type Overview, overview, type Pod } from "../data/services.ts";
import type { Framework } from "../data/types.ts";
import { links, route, setQuery } from "../route.ts";
import { Ago, Bar, Card, Cli, Empty, Loading, PageHead, Problem } from "../ui/bits.tsx";
import { Choice, chosen, Kept, known, Missing } from "../ui/chosen.tsx";
import { DeploymentView, QueueList, Standing } from "../ui/deployments.tsx";
import { listenTo, useFollow } from "../ui/follow.ts";
import { type Column, NoRows, Table } from "../ui/table.tsx";

export function ServicesPage() {
  const list = known(isMarathon), f = chosen(list);
  if (!f) return <><PageHead title="Services" /><Missing title="No marathon is subscribed" program="marathon">Marathon keeps services running: so many instances of each, replaced when they fail, upgraded without a gap.</Missing></>;
  return <Of key={f.id} f={f} list={list} />;
}

/** A row: an app or a pod. */
interface Row { id: string; pod: boolean; wanted: number; running: number; healthy: number; unhealthy: number; cpus: number; mem: number; deploying: boolean; waits: boolean; changed: number; what: string }

function Of({ f, list }: { f: Framework; list: Framework[] }) {
  const [find, setFind] = useState(route.value.query.get("find") ?? "");
  const x = useFollow({
    load: (signal) => overview(f.id, signal), listen: (ring) => listenTo(eventsOf(f.id), events, ring),
    beat: (d) => (d && (d.queue.length > 0 || d.deployments.length > 0) ? 2000 : 15_000), // reasons and times to wait move without an event
  }, [f.id]);
  const rows = useMemo(() => (x.data ? rowsOf(x.data) : []), [x.data]);
  const shown = useMemo(() => {
    const q = words(find);
    return q.length === 0 ? rows : rows.filter((r) => score(q, [r.id.toLowerCase()], r.what.toLowerCase()) > 0);
  }, [rows, find]);
  const columns = useMemo(() => columnsOf(f.id), [f.id]);
  const d = x.data;
  return (
    <>
      <PageHead title="Services" cli={shows.services()} sub={<>{d ? `${plural(rows.length, "service")}, ${plural(rows.reduce((n, r) => n + r.running, 0), "running instance")}, kept ` : "Kept "}<Kept by={f} /></>} />
      <Choice list={list} now={f} />
      {x.error && <Problem text={x.error} again={x.again} />}
      {!d && !x.error && <Loading what="the services" />}
      {d && d.deployments.length > 0 && (
        <Card title="Deployments" extra={<span class="quiet">{plural(d.deployments.length, "deployment")} on the way</span>}>
          {d.deployments.slice(0, 20).map((p) => <DeploymentView key={p.id} d={p} framework={f.id} done={progress(p.currentActions[0]?.app, d)} again={x.again} />)}
          {d.deployments.length > 20 && <p class="quiet">and {plural(d.deployments.length - 20, "more deployment")}</p>}
        </Card>
      )}
      {d && d.queue.length > 0 && <Card title="Waiting for offers"><QueueList queue={d.queue} framework={f.id} /></Card>}
      {d && rows.length === 0 && <Card><Empty title="No service has been deployed yet">
        Write one down, like <code>id: /web</code>, <code>cmd: python3 -m http.server $PORT</code>, <code>instances: 3</code>, and run the file:
        <Cli line={`mesos app run${location.host === "127.0.0.1:5050" ? "" : ` --master=${location.host}`} web.yaml`} label="Deploy a service" /></Empty></Card>}
      {rows.length > 0 && <>
        <div class="filters services-find"><input type="search" class="find" placeholder="Find by id, command, image…" aria-label="Find services" value={find} autocomplete="off" spellcheck={false}
          onInput={(e) => { setFind(e.currentTarget.value); setQuery({ find: e.currentTarget.value }); }} /></div>
        <Table rows={shown} columns={columns} id={(r) => r.id} href={(r) => to(f.id, r)} label="Services" cardHeight={92} empty={<NoRows title="No service has all of that" />} />
      </>}
    </>
  );
}

const to = (framework: string, r: Row): string => (r.pod ? links.pod : links.service)(framework, bare(r.id));

function columnsOf(framework: string): Column<Row>[] {
  return [
    { key: "id", name: "Service", width: "minmax(0, 1.6fr)", by: (r) => r.id, cell: (r) => <a class="name" href={to(framework, r)}>{r.id}{r.pod && <span class="quiet"> pod</span>}</a> },
    { key: "state", name: "State", width: "8rem", by: (r) => Number(r.waits) * 4 + Number(r.deploying) * 2 + Number(r.wanted > 0), cell: (r) => <Standing {...r} /> },
    { key: "instances", name: "Instances", width: "minmax(0, 1fr)", by: (r) => r.wanted, cell: (r) => <span class="cell-meter"><Bar used={r.running} total={Math.max(r.wanted, r.running)} label={`${r.running} of ${r.wanted} instances run`} /><span>{r.running} of {r.wanted}</span></span> },
    { key: "health", name: "Health", width: "minmax(0, .9fr)", by: (r) => r.unhealthy, cell: (r) => <Healthy r={r} /> },
    { key: "cpus", name: "CPUs each", width: "5.5rem", right: true, wide: true, by: (r) => r.cpus, cell: (r) => amount("cpus", r.cpus) },
    { key: "mem", name: "Memory each", width: "6.5rem", right: true, wide: true, by: (r) => r.mem, cell: (r) => megabytes(r.mem) },
    { key: "what", name: "Runs", width: "minmax(0, 1.6fr)", wide: true, cell: (r) => <code title={r.what}>{r.what}</code> },
    { key: "changed", name: "Changed", width: "7.5rem", right: true, wide: true, by: (r) => -r.changed, cell: (r) => <Ago at={r.changed} /> },
  ];
}

function Healthy({ r }: { r: Row }) {
  if (r.healthy + r.unhealthy === 0) return <span class="quiet">not checked</span>;
  return <>{number(r.healthy)} healthy{r.unhealthy > 0 && <span class="bad-text">, {number(r.unhealthy)} unhealthy</span>}</>;
}

function rowsOf(d: Overview): Row[] {
  const waits = new Set(d.queue.map((q) => q.app?.id ?? q.pod?.id)), deploys = new Set(d.deployments.flatMap((p) => [...p.affectedApps, ...p.affectedPods]));
  const app = (a: App): Row => ({
    id: a.id, pod: false, wanted: a.instances, running: a.tasksRunning, healthy: a.tasksHealthy, unhealthy: a.tasksUnhealthy, cpus: a.cpus, mem: a.mem,
    deploying: deploys.has(a.id), waits: waits.has(a.id), changed: stamp(a.versionInfo?.lastConfigChangeAt ?? a.version), what: runs(a),
  });
  const pod = (p: Pod): Row => {
    const each = p.spec.containers ?? [], sum = (k: "cpus" | "mem"): number => each.reduce((n, c) => n + (c.resources?.[k] ?? 0), 0);
    return {
      id: p.id, pod: true, wanted: p.spec.scaling?.instances ?? 1, running: p.instances.filter((i) => i.status === "STABLE").length, healthy: 0, unhealthy: 0, cpus: sum("cpus"), mem: sum("mem"),
      deploying: deploys.has(p.id), waits: waits.has(p.id), changed: stamp(p.spec.version), what: each.map((c) => c.name).join(", "),
    };
  };
  return [...d.apps.map(app), ...d.pods.map(pod)].sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** What an app runs, in one line. */
export function runs(a: Pick<App, "cmd" | "args" | "container">): string {
  return (a.cmd || a.args?.join(" ") || a.container?.docker?.image || "").trim().replace(/\s*\n[^]*/, " …");
}

function progress(id: string | undefined, d: Overview): { now: number; of: number; what: string } | undefined {
  const a = d.apps.find((x) => x.id === id);
  return a && { now: Math.min(a.tasksRunning, a.instances), of: a.instances, what: "run" };
}
