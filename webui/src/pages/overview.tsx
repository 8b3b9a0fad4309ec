// The cluster as one big computer.
import { useMemo } from "preact/hooks";
import { amount, kindNames, number, percent, plural, time } from "../data/format.ts";
import { agentTone, ends, meaning, stateOrder } from "../data/states.ts";
import { agents, agentsAt, frameworks, frameworksAt, history, liveOf, master, offered, offersAt, stateCounts, summary, tasks, tasksAt, total, used } from "../data/store.ts";
import { type Kind, kinds, type Master, type Task } from "../data/types.ts";
import { href, links } from "../route.ts";
import { Ago, Badge, Bar, Card, Cli, Empty, Facts, Loading, PageHead, TaskState } from "../ui/bits.tsx";
import { Chart } from "../ui/chart.tsx";
import { useChanges } from "../ui/hooks.ts";
import { pace } from "../ui/task_table.tsx";
import { WhyButton } from "../ui/why.tsx";

export function OverviewPage() {
  const m = master.value!;
  void agentsAt.value;
  const s = summary.value;
  const live = s ? s.live : [...liveOf.values()].reduce((a, b) => a + b, 0), known = s ? sumOf(s.agents) : agents.size;
  return (
    <div class="overview">
      <PageHead title="Overview" sub={`${plural(known, "agent")} as one computer, ${plural(live, "live task")}`} />
      {known === 0 && (
        <Card><Empty title="No agent has registered yet">Start one, and it appears here at once:
          <Cli line={`mesos-agent --master=${location.host} --work_dir=/var/lib/mesos/agent`} /></Empty></Card>
      )}
      <section class="computer" aria-label="The cluster as one computer">
        {kinds.filter((k) => k !== "gpus" || (s ? s.total.gpus : total.gpus)).map((k) => <Resource key={k} kind={k} />)}
      </section>
      <div class="columns">
        <States />
        {s ? <Card title="Waiting for offers"><Loading what="the offers" /></Card> : <Waiting />}
        <Leader m={m} />
        {s ? <Card title="Trouble"><Loading what="the tasks" /></Card> : <Trouble />}
      </div>
    </div>
  );
}

const sumOf = (by: Record<string, number>): number => Object.values(by).reduce((a, b) => a + b, 0);

function Resource({ kind }: { kind: Kind }) {
  void tasksAt.value; void offersAt.value; void agentsAt.value; void history.at.value;
  const s = summary.value;
  const [t, u, o] = s ? [s.total[kind] ?? 0, s.used[kind] ?? 0, s.offered[kind] ?? 0] : [total.get(kind), used.all.get(kind), offered.all.get(kind)];
  const free = Math.max(0, t - u - o);
  const stacked = history.times.map((_, i) => (history.used[kind]![i] ?? 0) + (history.offered[kind]![i] ?? 0));
  return (
    <section class="card resource" aria-label={kindNames[kind]}>
      <div class="resource-head"><h2>{kindNames[kind]}</h2><span class="resource-share">{percent(t ? u / t : 0)}</span></div>
      <Bar used={u} offered={o} total={t} label={`${kindNames[kind]}: ${amount(kind, u)} used, ${amount(kind, o)} offered, ${amount(kind, free)} free`} />
      <dl class="split">
        <div><dt><span class="swatch used" />used</dt><dd>{amount(kind, u)}</dd></div>
        <div><dt><span class="swatch offered" />offered</dt><dd>{amount(kind, o)}</dd></div>
        <div><dt><span class="swatch free" />free</dt><dd>{amount(kind, free)}</dd></div>
        <div><dt>total</dt><dd>{amount(kind, t)}</dd></div>
      </dl>
      <Chart times={history.times} data={[history.total[kind]!, stacked, history.used[kind]!]} height={110} label={`${kindNames[kind]} over time`}
        series={[{ name: "total", color: "--quiet", fill: false, dash: [4, 4] }, { name: "used + offered", color: "--offered" }, { name: "used", color: "--used" }]}
        format={(n) => amount(kind, n)} binary={kind === "mem" || kind === "disk"} />
    </section>
  );
}

function States() {
  void tasksAt.value;
  const list = (summary.value ? Object.entries(summary.value.tasks) : [...stateCounts]).sort(([a], [b]) => order(a) - order(b));
  const live = list.filter(([s]) => !ends(s)), past = list.filter(([s]) => ends(s));
  const sum = live.reduce((n, [, c]) => n + c, 0);
  return (
    <Card title="Tasks" extra={<a href="#/tasks">All tasks</a>}>
      {list.length === 0 && <Empty title="No task was ever launched"><Cli line={`mesos run${location.host === "127.0.0.1:5050" ? "" : ` --master=${location.host}`} -- sh -c 'echo hello; sleep 60'`} label="Launch one" /></Empty>}
      {sum > 0 && <div class="bar thick" role="img" aria-label="Live tasks by state">{live.map(([s, n]) => <span key={s} class={`tone-${meaning(s).tone}`} style={{ width: `${(n / sum) * 100}%` }} />)}</div>}
      <ul class="state-list">
        {[...live, ...past].map(([s, n]) => <li key={s}><a href={href(["tasks"], { state: s })}><Badge tone={meaning(s).tone}>{meaning(s).name}</Badge><b>{number(n)}</b></a></li>)}
      </ul>
    </Card>
  );
}

function order(s: string): number { const i = stateOrder.indexOf(s); return i < 0 ? 99 : i; }

/** Frameworks that want offers and have none: those without any task first, since they do nothing meanwhile. */
function Waiting() {
  void frameworksAt.value; void tasksAt.value; void offersAt.value;
  const list = [...frameworks.values()].filter((f) => f.state === "active" && (f.roles ?? []).some((r) => !f.suppressed?.includes(r)) && offered.framework.of(f.id).count === 0)
    .sort((a, b) => (liveOf.get(a.id) ?? 0) - (liveOf.get(b.id) ?? 0) || b.registered - a.registered);
  return (
    <Card title="Waiting for offers" extra={<a href="#/why">Would it fit?</a>}>
      {list.length === 0 ? <Empty title="Nobody waits">Every framework has what it asked for, or an offer to answer.</Empty> : (
        <ul class="wait-list">
          {list.slice(0, 6).map((f) => (
            <li key={f.id}>
              <span class="wait-name"><a href={links.framework(f.id)}>{f.name}</a><span class="quiet">{(f.roles ?? []).join(", ")} · {plural(liveOf.get(f.id) ?? 0, "live task")} · <Ago at={f.registered} /></span></span>
              <WhyButton kind="framework" id={f.id} what={f.name} />
            </li>
          ))}
        </ul>
      )}
      {list.length > 6 && <p class="quiet"><a href="#/frameworks">{plural(list.length - 6, "more framework")}</a></p>}
    </Card>
  );
}

function Leader({ m }: { m: Master }) {
  void agentsAt.value;
  const s = summary.value;
  const counts = new Map(Object.entries(s?.agents ?? {})), versions = new Map(Object.entries(s?.versions ?? {}));
  if (!s) for (const a of agents.values()) {
    counts.set(a.state, (counts.get(a.state) ?? 0) + 1);
    versions.set(a.version, (versions.get(a.version) ?? 0) + 1);
  }
  return (
    <Card title="Leader">
      <Facts list={[
        ["Master", <span key="m">{m.hostname}:{m.pid.split(":").at(-1)}</span>],
        ["Leads since", <span key="e"><Ago at={m.elected} /> <span class="quiet">({time(m.elected)})</span></span>],
        ["Standing by", m.standbys?.length ? m.standbys.map((s) => <div key={s}>{s}</div>) : <span class="quiet">no other master is known</span>],
        ["Version", <span key="v">{m.version}{m.revision && <span class="quiet"> {m.revision.slice(0, 12)}</span>}</span>],
        ["Agents' versions", [...versions].map(([v, n]) => <div key={v}>{v} <span class="quiet">× {n}</span></div>)],
        ["Agents", <span class="chips" key="a">{[...counts].map(([s, n]) => <a key={s} href={href(["agents"], { find: s })}><Badge tone={agentTone[s] ?? "off"}>{n} {s}</Badge></a>)}{m.unreachable ? <Badge tone="bad">{m.unreachable} unreachable</Badge> : null}</span>],
        ["Not back yet", m.missing?.length ? <span class="warn-text">{m.missing.slice(0, 5).join(", ")}{m.missing.length > 5 && ` and ${m.missing.length - 5 + (m.missing_more ?? 0)} more`}</span> : ""],
      ]} />
    </Card>
  );
}

/** What went wrong last. */
function Trouble() {
  const at = useChanges(pace(), tasksAt);
  const list = useMemo(() => {
    const out: Task[] = [];
    for (const t of tasks.values()) if (meaning(t.state).tone === "bad" || t.state === "TASK_UNREACHABLE" || t.healthy === false) out.push(t);
    return out.sort((a, b) => (b.since ?? 0) - (a.since ?? 0)).slice(0, 6);
  }, [at]);
  return (
    <Card title="Trouble">
      {list.length === 0 ? <Empty title="Nothing went wrong">Failed, lost and unhealthy tasks appear here.</Empty> : (
        <ul class="wait-list">{list.map((t) => (
          <li key={`${t.framework}/${t.id}`}>
            <span class="wait-name"><a href={links.task(t.framework, t.id)}>{t.id}</a><span class="quiet">{t.message || meaning(t.state).says}</span></span>
            <span class="wait-end"><TaskState state={t.state} healthy={t.healthy} /><span class="quiet small-text"><Ago at={t.since} /></span></span>
          </li>
        ))}</ul>
      )}
    </Card>
  );
}
