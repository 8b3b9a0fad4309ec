// One service: its instances, what changes it, why it waits, and what it was before.
import { shows } from "../data/calls.ts";
import { amounts, plural, stamp, time } from "../data/format.ts";
import { isMarathon } from "../data/keepers.ts";
import { type App, appTarget, bare, type Definition, type Deployment, events, eventsOf, type Instance, type Service, service } from "../data/services.ts";
import { frameworks, frameworksAt } from "../data/store.ts";
import type { Framework } from "../data/types.ts";
import { links } from "../route.ts";
import { Ago, Badge, Card, Cli, Empty, Facts, Loading, PageHead, Problem, TaskState } from "../ui/bits.tsx";
import { Kept } from "../ui/chosen.tsx";
import { DeploymentView, QueueView, Standing } from "../ui/deployments.tsx";
import { listenTo, useFollow } from "../ui/follow.ts";
import { ServiceActs } from "../ui/service_acts.tsx";
import { type Column, NoRows, Table } from "../ui/table.tsx";
import { Versions } from "../ui/versions.tsx";
import { runs } from "./services.tsx";

export function ServicePage({ framework, id }: { framework: string; id: string }) {
  void frameworksAt.value;
  const f = frameworks.get(framework);
  if (!f || !isMarathon(f)) return <Empty title="The master does not know this marathon">It never was, or it has ended. <a href="#/services">All services</a></Empty>;
  return <One f={f} id={id} />;
}

function One({ f, id }: { f: Framework; id: string }) {
  const framework = f.id;
  const x = useFollow({
    load: (signal) => service(framework, id, signal), listen: (ring) => listenTo(eventsOf(framework), events, ring),
    beat: (d: Service | null) => (d?.queue || d?.deployments.length ? 2000 : 15_000),
  }, [framework, id]);
  const name = `/${bare(id)}`;
  if (!x.data) return <><PageHead title={name} sub={<Kept by={f} />} />{x.error ? <Problem text={x.error} again={x.again} /> : <Loading what="the service" />}</>;
  const { app, versions, deployments, queue } = x.data;
  return (
    <>
      <PageHead title={name} badge={<Standing deploying={deployments.length > 0} waits={queue !== undefined} wanted={app.instances} running={app.tasksRunning} unhealthy={app.tasksUnhealthy} />}
        sub={<>{app.tasksRunning} of {plural(app.instances, "instance")} run{app.tasksHealthy + app.tasksUnhealthy > 0 && <>, {app.tasksHealthy} healthy</>}{app.tasksUnhealthy > 0 && <>, <span class="bad-text">{app.tasksUnhealthy} unhealthy</span></>} · kept <Kept by={f} /> · changed <Ago at={stamp(app.version)} /></>}
        actions={<ServiceActs of={appTarget(app)} framework={framework} again={x.again} />} />
      {x.error && <Problem text={x.error} again={x.again} />}
      {deployments.map((d) => <Card key={d.id} title="Deployment"><DeploymentView d={d} framework={framework} done={progress(app, d)} again={x.again} /></Card>)}
      {queue && <Card title="Why does it wait?"><QueueView q={queue} framework={framework} again={x.again} /></Card>}
      <h2 class="section">Instances</h2>
      <Table rows={app.tasks ?? []} columns={columnsOf(framework, app)} id={(t) => t.id} href={(t) => links.task(framework, t.id)} label="Instances" cardHeight={84}
        empty={<NoRows title="No instance is there">{app.instances === 0 ? "It is suspended: scale it to have some." : "They appear here as soon as they are launched."}</NoRows>} />
      <div class="columns under">
        <Card title="Definition"><DefinitionFacts app={app} /></Card>
        <div class="stack">
          {app.lastTaskFailure && <Card title="Last failure"><Facts list={[
            ["When", <span key="w"><Ago at={stamp(app.lastTaskFailure.timestamp)} /> <span class="quiet">({time(stamp(app.lastTaskFailure.timestamp))})</span></span>],
            ["Task", <a key="t" href={links.task(framework, app.lastTaskFailure.taskId)}>{app.lastTaskFailure.taskId}</a>],
            ["How", <TaskState key="s" state={app.lastTaskFailure.state} />], ["Why", app.lastTaskFailure.message], ["Host", app.lastTaskFailure.host],
          ]} /></Card>}
          <Card title="Versions" extra={<span class="quiet">{plural(versions.length, "version")} kept</span>}>
            <Versions framework={framework} of={appTarget(app)} newest={app.version} versions={versions} again={x.again} />
            <Cli line={shows.service(name)} />
          </Card>
        </div>
      </div>
    </>
  );
}

/** How far the instances are that a deployment works at. */
function progress(app: App, d: Deployment): { now: number; of: number; what: string } {
  const now = d.currentActions.find((a) => a.app === app.id)?.action ?? "";
  const tasks = app.tasks ?? [], runs = (t: Instance): boolean => t.state === "TASK_RUNNING";
  if (now.startsWith("Restart")) return { now: Math.min(app.instances, tasks.filter((t) => runs(t) && current(app, t)).length), of: app.instances, what: "have the new version and run" };
  if (now.startsWith("Stop")) return { now: 0, of: tasks.length, what: "have ended" };
  return { now: Math.min(app.instances, tasks.filter(runs).length), of: app.instances, what: "run" };
}

function columnsOf(framework: string, app: App): Column<Instance>[] {
  return [
    { key: "state", name: "State", width: "8.5rem", by: (t) => t.state, cell: (t) => <TaskState state={t.state} healthy={alive(t)} /> },
    { key: "task", name: "Task", width: "minmax(0, 2.2fr)", by: (t) => t.id, cell: (t) => <a class="name" href={links.task(framework, t.id)}>{t.id}</a> },
    { key: "host", name: "Host", width: "minmax(0, 1fr)", by: (t) => t.host, cell: (t) => <a href={links.agent(t.slaveId)}>{t.host}</a> },
    { key: "ports", name: "Ports", width: "minmax(0, 1fr)", wide: true, cell: (t) => t.ports.join(", ") || <span class="quiet">none</span> },
    { key: "health", name: "Health", width: "minmax(0, 1fr)", wide: true, by: (t) => String(alive(t)), cell: (t) => <HealthOf t={t} /> },
    { key: "version", name: "Version", width: "9rem", wide: true, by: (t) => t.version, cell: (t) => (current(app, t) ? <Badge tone="good">the newest</Badge> : <span title={t.version}><Ago at={stamp(t.version)} /></span>) },
    { key: "since", name: "Started", width: "7.5rem", right: true, by: (t) => -stamp(t.startedAt ?? t.stagedAt), cell: (t) => <Ago at={stamp(t.startedAt ?? t.stagedAt)} /> },
  ];
}

/** Whether an instance is as the definition says now: what was only scaled since stays as it is. */
function current(app: App, t: Instance): boolean { return stamp(t.version) >= stamp(app.versionInfo?.lastConfigChangeAt ?? app.version); }

function alive(t: Instance): boolean | undefined {
  const list = t.healthCheckResults ?? [];
  return list.length === 0 ? undefined : list.every((h) => h.alive);
}

function HealthOf({ t }: { t: Instance }) {
  const is = alive(t);
  if (is === undefined) return <span class="quiet">not checked</span>;
  const bad = t.healthCheckResults?.find((h) => !h.alive);
  return is ? <>healthy</> : <span class="bad-text" title={bad?.lastFailureCause ?? ""}>{plural(bad?.consecutiveFailures ?? 0, "failure")}</span>;
}

function DefinitionFacts({ app }: { app: Definition }) {
  const list = (o: Record<string, unknown> | undefined): string[] => Object.entries(o ?? {}).map(([k, v]) => `${k}=${typeof v === "string" ? v : "a secret"}`);
  const lines = (l: string[]) => (l.length > 0 ? l.map((s) => <div key={s}>{s}</div>) : undefined);
  const strategy = app.upgradeStrategy;
  return (
    <Facts list={[
      ["Runs", <code key="r" class="wrap">{runs(app)}</code>], ["Image", app.container?.docker?.image],
      ["Each instance", amounts({ cpus: app.cpus, mem: app.mem, disk: app.disk ?? 0, gpus: app.gpus ?? 0 })],
      ["Constraints", lines((app.constraints ?? []).map((c) => c.join(" ")))], ["Depends on", lines(app.dependencies ?? [])],
      ["Health checks", lines((app.healthChecks ?? []).map((h) => [h.protocol, h.path, (h.command as { value?: string } | undefined)?.value, h.intervalSeconds && `every ${String(h.intervalSeconds)} s`].filter(Boolean).join(" ")))],
      ["Upgrades", strategy && `at least ${Math.round((strategy.minimumHealthCapacity ?? 1) * 100)} % healthy, at most ${Math.round((strategy.maximumOverCapacity ?? 1) * 100)} % more`],
      ["Environment", lines(list(app.env))], ["Labels", lines(list(app.labels))],
      ["Scaled", app.versionInfo?.lastScalingAt && time(stamp(app.versionInfo.lastScalingAt))], ["Changed", time(stamp(app.versionInfo?.lastConfigChangeAt ?? app.version))],
    ]} />
  );
}
