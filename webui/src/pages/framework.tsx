// One framework: what it holds, how it deals with offers, and why it gets no more.
import { useEffect, useRef, useState } from "preact/hooks";
import { actions } from "../data/calls.ts";
import { keeps } from "../data/keepers.ts";
import { amounts, duration, number, percent, plural, shortID, time } from "../data/format.ts";
import { frameworkTone } from "../data/states.ts";
import { executors, frameworks, frameworksAt, hostName, liveOf, offered, offers, offersAt, tasksAt, total, used } from "../data/store.ts";
import type { Framework, Offer } from "../data/types.ts";
import { links } from "../route.ts";
import { Ago, Badge, Card, Empty, Facts, Meters, PageHead } from "../ui/bits.tsx";
import { Chart } from "../ui/chart.tsx";
import { confirm } from "../ui/dialog.tsx";
import { now } from "../ui/hooks.ts";
import { TaskTable, useTasks } from "../ui/task_table.tsx";
import { Why, WhyButton } from "../ui/why.tsx";

export function FrameworkPage({ id }: { id: string }) {
  void frameworksAt.value; void tasksAt.value; void offersAt.value;
  const rows = useTasks((t) => t.framework === id, [id]);
  const f = frameworks.get(id);
  if (!f) return <Empty title="The master does not know this framework">It never was, or it ended so long ago that it is forgotten. <a href="#/frameworks">All frameworks</a></Empty>;
  const over = f.state === "completed";
  const mine = [...offers.values()].filter((o) => o.framework === id);
  const pods = [...executors.values()].filter((e) => e.framework === id);
  return (
    <>
      <PageHead title={f.name || f.id} badge={<Badge tone={frameworkTone[f.state] ?? "off"}>{f.state}</Badge>}
        sub={<>{shortID(f.id)} · {(f.roles ?? []).map((r, i) => <span key={r}>{i > 0 && ", "}<a href={links.role(r)}>{r}</a></span>)} · {plural(liveOf.get(id) ?? 0, "live task")} · {over ? <>ended <Ago at={f.unregistered} /></> : <>registered <Ago at={f.registered} /></>}</>}
        actions={!over && <>
          {keeps(f) && <a class="button" href={keeps(f)!.to}>{keeps(f)!.name}</a>}
          <WhyButton kind="framework" id={id} what={f.name} />
          <button class="button danger" onClick={() => confirm({ title: "Tear this framework down", verb: "Tear it down", done: `${f.name} is torn down.`, action: actions.teardown(id), text: <p>All {plural(liveOf.get(id) ?? 0, "task")} and executors of <b>{f.name}</b> are ended, and it cannot come back under its id.</p> })}>Tear down</button>
        </>} />
      <div class="columns">
        <div class="stack">
          <Card title="Holds" extra={<span class="quiet">of the whole cluster, a share of {percent(used.framework.of(id).shareOf(total))}</span>}>
            <Meters used={used.framework.of(id)} offered={offered.framework.of(id)} total={total.amounts} />
          </Card>
          {!over && <Card title="Offers"><OfferLine f={f} held={mine} /></Card>}
        </div>
        <Card title="Framework">
          <Facts list={[
            ["Id", <span class="id wrap" key="i">{f.id}</span>], ["User", f.user], ["Principal", f.principal], ["Scheduler on", f.hostname],
            ["Own page", safe(f.url) ? <a key="u" href={safe(f.url)!} rel="noreferrer noopener" target="_blank">{f.url}</a> : f.url],
            ["Suppressed", f.suppressed?.join(", ")], ["Survives its scheduler for", f.failover ? duration(f.failover) : "no time"], ["Checkpoints", f.checkpoint ? "yes" : "no"],
            ["Can", <span class="chips" key="c">{(f.capabilities ?? []).map((c) => <span class="chip still" key={c}>{c.toLowerCase().replaceAll("_", " ")}</span>)}</span>],
            ["Registered", time(f.registered)],
          ]} />
        </Card>
        {!over && <Card title="Why no more?" class="span"><Why kind="framework" id={id} at={f.sent} /></Card>}
        {pods.length > 0 && (
          <Card title="Executors" class="span"><div class="scroll"><table class="plain">
            <thead><tr><th>Executor</th><th>Agent</th><th>Holds for itself</th></tr></thead>
            <tbody>{pods.slice(0, 100).map((e) => <tr key={`${e.agent}/${e.id}`}><td>{e.id} <span class="quiet">{e.name}</span></td><td><a href={links.agent(e.agent)}>{hostName(e.agent) || shortID(e.agent)}</a></td><td>{amounts(e.res)}</td></tr>)}</tbody>
          </table>{pods.length > 100 && <p class="quiet">and {number(pods.length - 100)} more</p>}</div></Card>
        )}
      </div>
      <h2 class="section">Tasks</h2>
      <TaskTable rows={rows} without={["framework"]} label="Tasks of this framework" empty="It has launched no task" />
    </>
  );
}

function safe(url: string | undefined): string | undefined {
  return url && URL.canParse(url) && /^https?:$/.test(new URL(url).protocol) ? url : undefined;
}

/** How many offers it held, and what came of them, since this page was opened. */
function OfferLine({ f, held }: { f: Framework; held: Offer[] }) {
  const line = useRef<{ at: number[]; held: number[]; accepted: number[]; declined: number[]; before: Framework | null }>({ at: [], held: [], accepted: [], declined: [], before: null });
  const newest = useRef({ f, held: held.length });
  newest.current = { f, held: held.length };
  const [, draw] = useState(0);
  useEffect(() => {
    const take = (): void => {
      const l = line.current, { f, held } = newest.current, old = l.before ?? f;
      l.at.push(Date.now() / 1000); l.held.push(held); l.accepted.push(f.accepted - old.accepted); l.declined.push(f.declined - old.declined);
      l.before = f;
      if (l.at.length > 600) for (const list of [l.at, l.held, l.accepted, l.declined]) list.shift();
      draw((n) => n + 1);
    };
    take();
    const timer = setInterval(take, 1000);
    return () => clearInterval(timer);
  }, [f.id]);
  const l = line.current;
  return (
    <>
      <dl class="split four">
        <div><dt>held now</dt><dd>{number(held.length)}</dd></div><div><dt>sent</dt><dd>{number(f.sent)}</dd></div>
        <div><dt>accepted</dt><dd>{number(f.accepted)}</dd></div><div><dt>declined</dt><dd>{number(f.declined)}</dd></div><div><dt>rescinded</dt><dd>{number(f.rescinded)}</dd></div>
      </dl>
      <Chart times={l.at} data={[l.held, l.accepted, l.declined]} height={130} max={2} span={180} format={(n) => number(n)} label="Offers held, accepted and declined over time"
        series={[{ name: "held", color: "--offered" }, { name: "accepted in a second", color: "--good", fill: false }, { name: "declined in a second", color: "--bad", fill: false }]} />
      {held.length > 0 && (
        <div class="scroll"><table class="plain">
          <thead><tr><th>Held offer</th><th>Agent</th><th>Role</th><th>Resources</th><th class="right">Age</th></tr></thead>
          <tbody>{held.slice(0, 20).map((o) => <tr key={o.id}><td class="id">{shortID(o.id)}</td><td><a href={links.agent(o.agent)}>{hostName(o.agent) || shortID(o.agent)}</a></td><td>{o.inverse ? "inverse" : o.role}</td><td>{amounts(o.res)}</td><td class="right">{o.made ? duration(now.value - o.made) : "—"}</td></tr>)}</tbody>
        </table></div>
      )}
      <p class="quiet small-text">The line begins when this page was opened; the sums, when this master began to lead.</p>
    </>
  );
}
