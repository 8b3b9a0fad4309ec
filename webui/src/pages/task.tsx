// One task: how it came to its state, what it uses and says, and a terminal beside it.
import type { ComponentChildren } from "preact";
import { containerName, type Details, details, sandbox } from "../data/agent.ts";
import { actions, shows } from "../data/calls.ts";
import { amounts, duration, shortID, time } from "../data/format.ts";
import { ends, meaning } from "../data/states.ts";
import { agents, agentsAt, frameworks, hostName, taskKey, tasks, tasksAt } from "../data/store.ts";
import type { Task } from "../data/types.ts";
import { href, links, route } from "../route.ts";
import { Ago, Card, Cli, Empty, Facts, For, ID, Loading, PageHead, Problem, Tabs, TaskState } from "../ui/bits.tsx";
import { useUsage } from "../ui/charts_over.tsx";
import { confirm, show } from "../ui/dialog.tsx";
import { Files } from "../ui/files.tsx";
import { type Loaded, now, useLoad } from "../ui/hooks.ts";
import { Icon } from "../ui/icons.tsx";
import { Logs } from "../ui/logs.tsx";
import { Terminal } from "../ui/terminal.tsx";
import { UsageCharts } from "../ui/usage.tsx";
import { Explained } from "../ui/why.tsx";
import { explain } from "../data/explain.ts";

export function TaskPage({ framework, id, tab }: { framework: string; id: string; tab: string }) {
  void tasksAt.value; void agentsAt.value;
  const t = tasks.get(taskKey(framework, id));
  const known = t !== undefined;
  const more = useLoad((signal) => (known ? details(framework, id, signal) : Promise.resolve(null)), [framework, id, known, t?.state, t?.since]);
  if (!t) return <Empty title="The master does not know this task">It never was, or it ended so long ago that it is forgotten. <a href="#/tasks">All tasks</a></Empty>;
  const over = ends(t.state);
  const agent = agents.get(t.agent);
  const at = (k: string): string => href(["tasks", framework, id, k || undefined]);
  const tabs = [["", "Summary"], ["logs", "Logs"], ["files", "Files"], ...(over ? [] : [["terminal", "Terminal"]])] as [string, string][];
  return (
    <>
      <PageHead title={t.id} badge={<TaskState state={t.state} healthy={t.healthy} />}
        sub={<>{t.name && t.name !== t.id && <>{t.name} · </>}<a href={links.framework(framework)}>{frameworks.get(framework)?.name ?? framework}</a> · on {agent ? <a href={links.agent(t.agent)}>{hostName(t.agent)}</a> : <ID id={t.agent} />} · {meaning(t.state).name} {ends(t.state) ? <Ago at={t.since} /> : <>for <For at={t.since} /></>}</>}
        actions={<>
          {t.state !== "TASK_RUNNING" && <button class="button small why" onClick={() => show(`Why? — ${t.id}`, <WhyTask t={t} more={more.data} />, true)}><Icon name="why" size={14} />Why?</button>}
          {!over && <button class="button danger" onClick={() => confirm({
            title: "Kill this task", verb: "Kill it", done: `${t.id} was told to end.`, action: actions.kill(framework, id),
            text: <p><b>{t.id}</b> gets SIGTERM, and SIGKILL if it is still there after its grace period. Its framework is told.</p>,
          })}>Kill</button>}
        </>} />
      <Tabs at={tab} list={tabs.map(([key, name]) => ({ key, name, href: at(key) }))} />
      {tab === "" && <Summary t={t} more={more} />}
      {tab === "logs" && <TaskLogs t={t} more={more} />}
      {tab === "files" && <TaskFiles t={t} more={more} />}
      {tab === "terminal" && <TaskTerminal t={t} more={more} />}
    </>
  );
}

function containerOf(d: Details | null) {
  return d?.statuses?.findLast((s) => s.container_status?.container_id)?.container_status?.container_id;
}

function Summary({ t, more }: { t: Task; more: Loaded<Details> }) {
  const d = more.data;
  const statuses = d?.statuses ?? [];
  const net = statuses.findLast((s) => s.container_status?.network_infos)?.container_status?.network_infos?.flatMap((n) => n.ip_addresses ?? []).map((a) => a.ip_address).join(", ");
  const ports = d?.resources?.filter((r) => r.name === "ports").flatMap((r) => r.ranges?.range ?? []).map((r) => (r.begin === r.end ? `${r.begin}` : `${r.begin}–${r.end}`)).join(", ");
  const volumes = d?.resources?.filter((r) => r.disk?.persistence).map((r) => `${r.disk!.persistence!.id} at ${r.disk!.volume?.container_path ?? "?"}`).join(", ");
  const check = d?.health_check;
  return (
    <div class="columns">
      <Card title="States" class="span">
        {more.error && <Problem text={more.error} again={more.again} />}
        {!d && !more.error && <Loading what="the task" />}
        {d && <Timeline t={t} statuses={statuses} />}
      </Card>
      {!ends(t.state) && t.state !== "TASK_UNREACHABLE" && <Card title="Uses" class="span"><TaskUsage t={t} /></Card>}
      <Card title="Task">
        <Facts list={[
          ["Id", <span class="id wrap" key="i">{t.id}</span>], ["Name", t.name], ["Framework", <a key="f" href={links.framework(t.framework)}>{frameworks.get(t.framework)?.name} <span class="quiet">{shortID(t.framework)}</span></a>],
          ["Agent", agents.has(t.agent) ? <a key="a" href={links.agent(t.agent)}>{hostName(t.agent)} <span class="quiet">{shortID(t.agent)}</span></a> : <ID key="a" id={t.agent} />],
          ["Executor", t.executor || <span class="quiet" key="e">its own (a command)</span>], ["Role", <a key="r" href={links.role(t.role)}>{t.role}</a>], ["User", d?.user],
          ["Resources", amounts(t.res)], ["Ports", ports], ["Volumes", volumes], ["Address", net],
          ["Image", d?.container?.docker?.image ?? d?.container?.mesos?.image?.docker?.name],
          ["Container", containerOf(d) ? <span class="id wrap" key="c">{containerName(containerOf(d)!)}</span> : undefined],
          ["Health check", check ? `${(check.type ?? "command").toLowerCase()} ${check.command?.value ?? ""}${check.http ? `:${check.http.port}${check.http.path ?? ""}` : ""}${check.tcp ? `:${check.tcp.port}` : ""}${check.interval_seconds ? `, every ${duration(check.interval_seconds)}` : ""}` : <span class="quiet" key="h">none</span>],
          ["Health", t.healthy === undefined ? undefined : t.healthy ? "healthy" : "unhealthy"],
          ["Grace period", d?.kill_policy?.grace_period ? duration(d.kill_policy.grace_period.nanoseconds / 1e9) : undefined],
          ["Found as", d?.discovery ? `${d.discovery.name ?? ""} ${(d.discovery.ports?.ports ?? []).map((p) => p.number).join(", ")}` : undefined],
        ]} />
      </Card>
      <Card title="Labels">
        {d?.labels?.labels?.length ? <Facts list={d.labels.labels.map((l) => [l.key, l.value ?? ""])} /> : <Empty title="It has no labels" />}
        <Cli line={shows.logs(t.id, "stdout")} label="Its logs in a terminal" />
      </Card>
    </div>
  );
}

/** States in order, each as long as it lasted. */
function Timeline({ t, statuses }: { t: Task; statuses: NonNullable<Details["statuses"]> }) {
  if (statuses.length === 0) return <Empty title="No status has come yet">The master sent the task to its agent and has not heard of it.</Empty>;
  const end = ends(t.state) ? statuses.at(-1)!.timestamp ?? 0 : now.value;
  const first = statuses[0]!.timestamp ?? end;
  const span = Math.max(end - first, 0.001);
  const lasts = (i: number): number => (statuses[i + 1]?.timestamp ?? end) - (statuses[i]!.timestamp ?? end);
  return (
    <>
      <div class="timeline" role="img" aria-label={statuses.map((s, i) => `${meaning(s.state).name} for ${duration(lasts(i))}`).join(", ")}>
        {statuses.map((s, i) => <span key={i} class={`tone-${meaning(s.state).tone}`} style={{ flexGrow: `${Math.max(lasts(i) / span, 0.02)}` }} title={`${meaning(s.state).name}: ${time(s.timestamp ?? 0)}`}><i>{meaning(s.state).name}</i></span>)}
      </div>
      <ol class="status-list">
        {[...statuses].reverse().map((s, i) => (
          <li key={i}>
            <TaskState state={s.state} healthy={s.healthy} />
            <span class="status-time" title={time(s.timestamp ?? 0)}>{time(s.timestamp ?? 0)}</span>
            <span class="status-text">{s.message}{s.reason && <span class="quiet"> {s.reason.replace(/^REASON_/, "").toLowerCase().replaceAll("_", " ")}</span>}{s.source && <span class="quiet"> said by {s.source.replace(/^SOURCE_/, "").toLowerCase()}</span>}</span>
          </li>
        ))}
      </ol>
    </>
  );
}

function TaskUsage({ t }: { t: Task }) {
  const executor = t.executor || t.id;
  const u = useUsage(t.agent, (c) => c.framework_id === t.framework && c.executor_id === executor);
  if (u.error) return <Problem text={u.error} />;
  if (!u.list[0]) return u.ready ? <Empty title="Its container is not there yet" /> : <Loading what="what it uses" />;
  return <>
    {t.executor && <p class="quiet">Of its executor's container, which all its tasks share.</p>}
    <UsageCharts u={u.list[0]} cpus={t.executor ? undefined : t.res.cpus} mem={t.executor ? undefined : (t.res.mem ?? 0) * 1024 * 1024} />
  </>;
}

/** The page needs the container to know where the files of a task in a pod lie. */
function WithSandbox({ t, more, children }: { t: Task; more: Loaded<Details>; children: (root: string) => ComponentChildren }) {
  if (!agents.has(t.agent)) return <Empty title="Its agent is not registered">The files are on the machine of agent {t.agent}, which cannot be asked now.</Empty>;
  if (!more.data) return more.error ? <Problem text={more.error} again={more.again} /> : <Loading what="the task" />;
  return <>{children(sandbox(t, containerOf(more.data)))}</>;
}

function TaskLogs({ t, more }: { t: Task; more: Loaded<Details> }) {
  const file = route.value.query.get("file") ?? "stdout";
  const at = (f: string): string => href(["tasks", t.framework, t.id, "logs"], { file: f });
  return (
    <Card>
      <Tabs at={file} list={["stdout", "stderr"].map((f) => ({ key: f, name: f, href: at(f) }))} />
      <WithSandbox t={t} more={more}>{(root) => <Logs key={file} agent={t.agent} path={`${root}/${file}`} cli={shows.logs(t.id, file)} />}</WithSandbox>
    </Card>
  );
}

function TaskFiles({ t, more }: { t: Task; more: Loaded<Details> }) {
  const path = route.value.query.get("path") ?? "";
  return <Card><WithSandbox t={t} more={more}>{(root) => <Files agent={t.agent} root={root} at={path} to={(p) => href(["tasks", t.framework, t.id, "files"], { path: p })} />}</WithSandbox></Card>;
}

function TaskTerminal({ t, more }: { t: Task; more: Loaded<Details> }) {
  const q = route.value.query;
  const attach = q.get("attach") === "1";
  const id = containerOf(more.data);
  if (ends(t.state)) return <Empty title="The task has ended" />;
  const own = more.data?.container?.tty_info !== undefined;
  return (
    <Card title={attach ? "The task's own terminal" : "A shell beside the task"}
      extra={own && <a href={href(["tasks", t.framework, t.id, "terminal"], attach ? {} : { attach: "1" })}>{attach ? "A shell beside it" : "The task's own terminal"}</a>}>
      {!more.data ? more.error ? <Problem text={more.error} again={more.again} /> : <Loading what="the task" />
        : !id ? <Empty title="Its container is not there yet">A terminal opens when it is.</Empty>
        : <Terminal key={String(attach)} agent={t.agent} container={containerName(id)} attach={attach} />}
      <Cli line={attach ? shows.attach(t.id) : shows.exec(t.id)} />
    </Card>
  );
}

/** Why a task is not running: what was said of it, and how its agent is. */
function WhyTask({ t, more }: { t: Task; more: Details | null }) {
  const last = more?.statuses?.at(-1);
  const agent = agents.get(t.agent);
  const x = useLoad((signal) => explain("agent", t.agent, signal), [t.agent]);
  return (
    <div class="why-body">
      <p class="lead">{meaning(t.state).says || `It is ${meaning(t.state).name}.`}</p>
      <ul class="reasons">
        {last?.message && <li>{last.source?.replace(/^SOURCE_/, "").toLowerCase() ?? "It was"} said: “{last.message}”{last.reason && <span class="quiet"> ({last.reason})</span>}</li>}
        <li>It has been so since {time(t.since ?? 0)}, for {duration(now.value - (t.since ?? now.value))}.</li>
        {agent ? <li>Its agent <a href={links.agent(agent.id)}>{agent.hostname}</a> is {agent.state}.</li> : <li>Its agent {t.agent} is not registered.</li>}
      </ul>
      {x.data && !ends(t.state) && <><h3>The agent</h3><Explained x={x.data} /></>}
      <Cli line={shows.explain("agent", agent?.hostname ?? t.agent)} />
    </div>
  );
}
