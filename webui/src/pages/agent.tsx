// One agent: what it has, who holds it, what its containers use, and taking it out of service.
import { useState } from "preact/hooks";
import { actions } from "../data/calls.ts";
import { amount, amounts, bytes, duration, kindNames, number, plural, shortID, time } from "../data/format.ts";
import { agentTone } from "../data/states.ts";
import { Sum } from "../data/sums.ts";
import { agents, agentsAt, frameworks, hostName, liveOn, offered, offers, offersAt, tasks, tasksAt, used, executors } from "../data/store.ts";
import { type Agent, type Kind, kinds } from "../data/types.ts";
import { href, links } from "../route.ts";
import { Ago, Badge, Card, Cli, Empty, Facts, Loading, Meters, PageHead, Problem } from "../ui/bits.tsx";
import { Spark } from "../ui/chart.tsx";
import { type Usage, useUsage } from "../ui/charts_over.tsx";
import { confirm, hide, show, useAction } from "../ui/dialog.tsx";
import { TaskTable, useTasks } from "../ui/task_table.tsx";
import { UsageCharts } from "../ui/usage.tsx";
import { WhyButton } from "../ui/why.tsx";

export function AgentPage({ id }: { id: string }) {
  void agentsAt.value; void tasksAt.value; void offersAt.value;
  const rows = useTasks((t) => t.agent === id, [id]);
  const a = agents.get(id);
  if (!a) return <Empty title="This agent is not registered">It may be unreachable, gone, or not back yet after a change of masters. <a href="#/agents">All agents</a></Empty>;
  const out = a.state !== "active" && a.state !== "disconnected";
  return (
    <>
      <PageHead title={hostName(id)} badge={<Badge tone={agentTone[a.state] ?? "off"}>{a.state}</Badge>}
        sub={<>{a.pid.split("@").at(-1)} · {shortID(a.id)} · {plural(liveOn.get(id) ?? 0, "live task")} · registered <Ago at={a.registered} /></>}
        actions={<>
          <WhyButton kind="agent" id={id} what={a.hostname} />
          {out ? <button class="button primary" onClick={() => confirm({ title: "Reactivate this agent", verb: "Reactivate", danger: false, done: `${a.hostname} is offered again.`, action: actions.reactivate(id), text: <p>What <b>{a.hostname}</b> has free is offered again.</p> })}>Reactivate</button>
            : <>
              <button class="button" onClick={() => confirm({ title: "Deactivate this agent", verb: "Deactivate", done: `${a.hostname} is not offered any more.`, action: actions.deactivate(id), text: <p><b>{a.hostname}</b> is not offered any more. What runs there runs on.</p> })}>Deactivate</button>
              <button class="button danger" onClick={() => show("Drain this agent", <Drain a={a} />)}>Drain</button>
            </>}
        </>} />
      {a.state === "draining" && <p class="notice">Its tasks are being killed, each with its grace period; {plural(liveOn.get(id) ?? 0, "task is", "tasks are")} left.{a.mark_gone && " When it is drained it is marked gone."}</p>}
      {a.down && <p class="notice">Down for maintenance from {time(a.down.from)}{a.down.seconds ? ` for ${duration(a.down.seconds)}` : ""}. <a href="#/maintenance">Maintenance</a></p>}
      <div class="columns">
        <Card title="Resources" class="span">
          <Meters used={used.agent.of(id)} offered={offered.agent.of(id)} total={a.res} />
          <ByRole a={a} />
        </Card>
        <Card title="Containers" class="span">{a.state === "disconnected" ? <Empty title="It is not connected" /> : <Containers a={a} />}</Card>
        <Card title="Agent">
          <Facts list={[
            ["Id", <span class="id wrap" key="i">{a.id}</span>], ["Address", a.pid], ["Version", a.version], ["Registered", time(a.registered)],
            ["Region and zone", [a.region, a.zone].filter(Boolean).join(" / ")], ["Ports", a.ports], ["Total", amounts(a.res)],
          ]} />
        </Card>
        <Card title="Attributes">
          {a.attributes ? <div class="chips">{Object.entries(a.attributes).map(([k, v]) => <a key={k} class="chip" href={href(["agents"], { by: `@${k}` })}>{k}: <b>{v}</b></a>)}</div> : <Empty title="It has none">Frameworks choose agents by attributes, like rack:r1 (--attributes).</Empty>}
        </Card>
      </div>
      <h2 class="section">Tasks</h2>
      <TaskTable rows={rows} without={["agent"]} label="Tasks of this agent" empty="No task is on this agent" />
    </>
  );
}

/** What each role holds here, and what is reserved to it. */
function ByRole({ a }: { a: Agent }) {
  const roles = new Map<string, { used: Sum; offered: Sum }>();
  const of = (role: string) => { let r = roles.get(role); if (!r) roles.set(role, (r = { used: new Sum(), offered: new Sum() })); return r; };
  for (const t of tasks.values()) if (t.agent === a.id && t.holds) of(t.role).used.add(t.res);
  for (const e of executors.values()) if (e.agent === a.id) of(e.role ?? "*").used.add(e.res);
  for (const o of offers.values()) if (o.agent === a.id && !o.inverse) of(o.role ?? "*").offered.add(o.res);
  for (const role of Object.keys(a.reserved ?? {})) of(role);
  if (roles.size === 0) return <p class="quiet">Nobody holds anything here.</p>;
  const cell = (s: Sum): string => amounts(s.amounts);
  return (
    <div class="scroll"><table class="plain">
      <thead><tr><th>Role</th><th>Used</th><th>Offered</th><th>Reserved</th></tr></thead>
      <tbody>{[...roles].sort(([x], [y]) => (x < y ? -1 : 1)).map(([role, r]) => (
        <tr key={role}><td><a href={links.role(role)}>{role}</a></td><td>{cell(r.used)}</td><td>{cell(r.offered)}</td><td>{a.reserved?.[role] ? amounts(a.reserved[role]!) : "nothing"}</td></tr>
      ))}</tbody>
    </table></div>
  );
}

function Containers({ a }: { a: Agent }) {
  const u = useUsage(a.id);
  const [open, setOpen] = useState("");
  if (u.error && u.list.length === 0) return <Problem text={u.error} />;
  if (!u.ready) return <Loading what="its containers" />;
  if (u.list.length === 0) return <Empty title="No container runs here" />;
  const list = [...u.list].sort((x, y) => (y.points.at(-1)?.cpus ?? 0) - (x.points.at(-1)?.cpus ?? 0)).slice(0, 60);
  return (
    <ul class="container-list">
      {list.map((x) => {
        const c = x.container, id = c.container_id;
        return (
          <li key={id}>
            <button class="container-row" aria-expanded={open === id} onClick={() => setOpen(open === id ? "" : id)}>
              <span class="container-name">{c.executor_id || id}<span class="quiet">{frameworks.get(c.framework_id ?? "")?.name ?? (c.framework_id ? shortID(c.framework_id) : "standalone")}</span></span>
              <Small u={x} kind="cpus" /><Small u={x} kind="mem" /><Small u={x} kind="net" /><Small u={x} kind="disk" />
            </button>
            {open === id && <div class="container-open"><UsageCharts u={x} cpus={undefined} mem={c.statistics?.mem_limit_bytes} /></div>}
          </li>
        );
      })}
      {u.list.length > list.length && <li class="quiet">and {number(u.list.length - list.length)} that use less</li>}
    </ul>
  );
}

function Small({ u, kind }: { u: Usage; kind: "cpus" | "mem" | "net" | "disk" }) {
  const last = u.points.at(-1);
  const value = { cpus: (p: NonNullable<typeof last>) => p.cpus, mem: (p: NonNullable<typeof last>) => p.mem, net: (p: NonNullable<typeof last>) => (p.rx === null ? null : p.rx + (p.tx ?? 0)), disk: (p: NonNullable<typeof last>) => (p.read === null ? null : p.read + (p.write ?? 0)) }[kind];
  const text = { cpus: (n: number) => number(n), mem: bytes, net: (n: number) => `${bytes(n)}/s`, disk: (n: number) => `${bytes(n)}/s` }[kind];
  const name = { cpus: "CPU", mem: "Memory", net: "Network", disk: "Disk IO" }[kind];
  const v = last ? value(last) : null;
  return (
    <span class="small-chart"><span class="small-name">{name} <b>{v === null ? "–" : text(v)}</b></span>
      {v !== null && <Spark values={u.points.slice(-60).map((p) => value(p) ?? 0)} label={`${name}: ${text(v)}`} />}</span>
  );
}

function Drain({ a }: { a: Agent }) {
  const [minutes, setMinutes] = useState("");
  const [gone, setGone] = useState(false);
  const n = Number(minutes);
  const valid = minutes === "" || (Number.isFinite(n) && n >= 0);
  const action = actions.drain(a.id, minutes === "" || !valid ? null : Math.round(n * 60), gone);
  const { run, busy, error } = useAction(action, `${a.hostname} is being drained.`);
  const hold = used.agent.of(a.id);
  return (
    <form onSubmit={(e) => { e.preventDefault(); if (valid) run(); }}>
      <div class="dialog-text">
        <p><b>{a.hostname}</b> is not offered any more, and its {plural(liveOn.get(a.id) ?? 0, "task")} ({kinds.filter((k: Kind) => hold[k] > 0).map((k) => `${amount(k, hold.get(k))} ${kindNames[k].toLowerCase()}`).join(", ") || "nothing held"}) are killed, each with its own grace period.</p>
        <label class="field">Let each end within, in minutes <input type="text" inputMode="decimal" value={minutes} placeholder="no limit but its own" onInput={(e) => setMinutes(e.currentTarget.value)} aria-invalid={!valid} /></label>
        <label class="check"><input type="checkbox" checked={gone} onChange={(e) => setGone(e.currentTarget.checked)} /> Give it up for good when it is drained</label>
        {!valid && <p class="problem">Minutes are a number from 0 on.</p>}
      </div>
      <Cli line={action.cli} />
      {error && <p class="problem" role="alert">{error}</p>}
      <div class="dialog-actions"><button type="button" class="button" onClick={hide}>Cancel</button><button type="submit" class="button danger" disabled={busy || !valid}>Drain</button></div>
    </form>
  );
}
