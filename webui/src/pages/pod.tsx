// One pod: its instances with their containers, what changes it, why it waits, and what it was before.
import { amounts, plural, stamp, time } from "../data/format.ts";
import { isMarathon } from "../data/keepers.ts";
import { bare, events, eventsOf, onePod, type OnePod, type Pod, type PodContainer, type PodInstance, podTarget, runsIn } from "../data/services.ts";
import { shows } from "../data/calls.ts";
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

export function PodPage({ framework, id }: { framework: string; id: string }) {
  void frameworksAt.value;
  const f = frameworks.get(framework);
  if (!f || !isMarathon(f)) return <Empty title="The master does not know this marathon">It never was, or it has ended. <a href="#/services">All services</a></Empty>;
  return <One f={f} id={id} />;
}

function One({ f, id }: { f: Framework; id: string }) {
  const framework = f.id;
  const x = useFollow({
    load: (signal) => onePod(framework, id, signal), listen: (ring) => listenTo(eventsOf(framework), events, ring),
    beat: (d: OnePod | null) => (d?.queue || d?.deployments.length ? 2000 : 15_000),
  }, [framework, id]);
  const name = `/${bare(id)}`;
  if (!x.data) return <><PageHead title={name} sub={<Kept by={f} />} />{x.error ? <Problem text={x.error} again={x.again} /> : <Loading what="the pod" />}</>;
  const { pod, versions, deployments, queue } = x.data;
  const wanted = pod.spec.scaling?.instances ?? 1, stable = pod.instances.filter((i) => i.status === "STABLE").length, target = podTarget(pod, deployments);
  return (
    <>
      <PageHead title={name} badge={<Standing deploying={deployments.length > 0} waits={queue !== undefined} wanted={wanted} running={stable} unhealthy={0} />}
        sub={<>pod of {plural(pod.spec.containers?.length ?? 0, "container")} · {stable} of {plural(wanted, "instance")} run · kept <Kept by={f} /> · changed <Ago at={stamp(pod.spec.version)} /></>}
        actions={<ServiceActs of={target} framework={framework} again={x.again} />} />
      {x.error && <Problem text={x.error} again={x.again} />}
      {deployments.map((d) => <Card key={d.id} title="Deployment"><DeploymentView d={d} framework={framework} done={{ now: Math.min(stable, wanted), of: wanted, what: "run" }} again={x.again} /></Card>)}
      {queue && <Card title="Why does it wait?"><QueueView q={queue} framework={framework} again={x.again} /></Card>}
      <h2 class="section">Instances</h2>
      <Table rows={pod.instances} columns={columnsOf(framework, pod)} id={(i) => i.id} label="Instances" cardHeight={84}
        empty={<NoRows title="No instance is there">{wanted === 0 ? "It is suspended: scale it to have some." : "They appear here as soon as they are launched."}</NoRows>} />
      <div class="columns under">
        <Card title="Definition"><Definition pod={pod} /></Card>
        <Card title="Versions" extra={<span class="quiet">{plural(versions.length, "version")} kept</span>}>
          <Versions framework={framework} of={target} newest={pod.spec.version ?? ""} versions={versions} again={x.again} />
          <Cli line={shows.service(name)} />
        </Card>
      </div>
    </>
  );
}

const tone = { STABLE: "good", STAGING: "busy", PENDING: "busy", TERMINAL: "off" } as const;

function columnsOf(framework: string, pod: Pod): Column<PodInstance>[] {
  const newest = `/${bare(pod.id)}::versions/${pod.spec.version ?? ""}`;
  return [
    { key: "state", name: "State", width: "7.5rem", by: (i) => i.status, cell: (i) => <Badge tone={tone[i.status as keyof typeof tone] ?? "bad"}>{i.status.toLowerCase()}</Badge> },
    { key: "containers", name: "Containers", width: "minmax(0, 2fr)", by: (i) => i.id, cell: (i) => <span class="pod-containers">{i.containers.map((c) => <ContainerLink key={c.name} c={c} framework={framework} />)}</span> },
    { key: "host", name: "Host", width: "minmax(0, 1fr)", by: (i) => i.agentHostname ?? "", cell: (i) => (i.agentId ? <a href={links.agent(i.agentId)}>{i.agentHostname}</a> : <span class="quiet">none yet</span>) },
    { key: "ports", name: "Ports", width: "minmax(0, 1fr)", wide: true, cell: (i) => portsOf(i) || <span class="quiet">none</span> },
    { key: "version", name: "Version", width: "9rem", wide: true, by: (i) => i.specReference ?? "", cell: (i) => (i.specReference?.endsWith(newest) ? <Badge tone="good">the newest</Badge> : <Ago at={stamp(i.specReference?.split("::versions/")[1])} />) },
    { key: "since", name: "So since", width: "7.5rem", right: true, by: (i) => -stamp(i.statusSince), cell: (i) => <Ago at={stamp(i.statusSince)} /> },
  ];
}

function ContainerLink({ c, framework }: { c: PodContainer; framework: string }) {
  const name = c.containerId ? <a class="name" href={links.task(framework, c.containerId)}>{c.name}</a> : c.name;
  return <span title={c.message ?? ""}>{name}{c.status !== "TASK_RUNNING" && <> <TaskState state={c.status} /></>}</span>;
}

function portsOf(i: PodInstance): string {
  return i.containers.flatMap((c) => (c.endpoints ?? []).filter((e) => e.allocatedHostPort).map((e) => `${e.name} ${e.allocatedHostPort}`)).join(", ");
}

function Definition({ pod }: { pod: Pod }) {
  const spec = pod.spec, list = (o: Record<string, unknown> | undefined): string[] => Object.entries(o ?? {}).map(([k, v]) => `${k}=${typeof v === "string" ? v : "a secret"}`);
  const lines = (l: string[]) => (l.length > 0 ? l.map((s) => <div key={s}>{s}</div>) : undefined);
  return (
    <>
      {(spec.containers ?? []).map((c) => (
        <section key={c.name} class="pod-definition" aria-label={`Container ${c.name}`}>
          <h3>{c.name}</h3>
          <Facts list={[
            ["Runs", runsIn(c) && <code key="r" class="wrap">{runsIn(c)}</code>], ["Image", c.image?.id], ["Each instance", amounts({ cpus: c.resources?.cpus ?? 0, mem: c.resources?.mem ?? 0, disk: c.resources?.disk ?? 0, gpus: c.resources?.gpus ?? 0 })],
            ["Endpoints", lines((c.endpoints ?? []).map((e) => [e.name, e.hostPort || e.containerPort].filter(Boolean).join(" ")))], ["Environment", lines(list(c.environment))],
          ]} />
        </section>
      ))}
      <Facts list={[
        ["Networks", lines((spec.networks ?? []).map((n) => [n.mode, n.name].filter(Boolean).join(" ")))], ["Volumes", lines((spec.volumes ?? []).map((v) => v.name))],
        ["Environment", lines(list(spec.environment))], ["Labels", lines(list(spec.labels))], ["Changed", time(stamp(spec.version))],
      ]} />
    </>
  );
}
