// Which machines go down when, and taking them down.
import { useState } from "preact/hooks";
import { type Machine, machineName, maintenance, shows, type Windows } from "../data/calls.ts";
import { duration, plural, time } from "../data/format.ts";
import { agents, agentsAt, frameworks, liveOn, offersAt, tasksAt } from "../data/store.ts";
import type { Agent } from "../data/types.ts";
import { links } from "../route.ts";
import { Badge, Card, Cli, Empty, Loading, PageHead, Problem } from "../ui/bits.tsx";
import { confirm, hide, show, useAction } from "../ui/dialog.tsx";
import { now, useChanges, useLoad } from "../ui/hooks.ts";

const ipOf = (a: Agent): string => a.pid.split("@").at(-1)!.replace(/:\d+$/, "").replace(/^\[|\]$/g, "");

function agentsOn(m: Machine): Agent[] {
  return [...agents.values()].filter((a) => (!m.hostname || m.hostname.toLowerCase() === a.hostname.toLowerCase()) && (!m.ip || m.ip === ipOf(a)));
}

export function MaintenancePage() {
  const at = useChanges(500, agentsAt, offersAt);
  void tasksAt.value;
  const plan = useLoad(() => Promise.all([maintenance.schedule(), maintenance.status()]), [at]);
  const [windows, status] = plan.data ?? [[], {}];
  const down = new Set((status.down_machines ?? []).map(machineName));
  const after = (text: string): string => { setTimeout(plan.again, 300); return text; };
  return (
    <>
      <PageHead title="Maintenance" sub="Frameworks are asked to leave machines that are scheduled; when one is down, its agents end and may not register." cli={shows.maintenance()}
        actions={<button class="button primary" disabled={agents.size === 0} onClick={() => show("Schedule maintenance", <Plan done={plan.again} />)}>Schedule</button>} />
      {plan.error && <Problem text={plan.error} again={plan.again} />}
      {!plan.data && !plan.error && <Loading what="the schedule" />}
      {plan.data && windows.length === 0 && <Card><Empty title="No maintenance is scheduled">Choose machines and a time with “Schedule”, and frameworks can move before it.</Empty></Card>}
      {windows.map((w, i) => (
        <Card key={i} title={<WindowTime w={w} />}>
          <div class="scroll"><table class="plain">
            <thead><tr><th>Machine</th><th>State</th><th class="wide">Agents</th><th class="wide">Answers of frameworks</th><th /></tr></thead>
            <tbody>{w.machine_ids.map((m) => {
              const name = machineName(m), on = agentsOn(m), isDown = down.has(name);
              const answers = status.draining_machines?.find((d) => machineName(d.id) === name)?.statuses ?? [];
              return (
                <tr key={name}>
                  <td>{m.hostname || m.ip}<div class="quiet">{m.hostname && m.ip}</div></td>
                  <td><Badge tone={isDown ? "bad" : "warn"}>{isDown ? "down" : "draining"}</Badge></td>
                  <td class="wide">{on.length === 0 ? <span class="quiet">none registered</span> : on.map((a) => <div key={a.id}><a href={links.agent(a.id)}>{a.hostname}:{a.pid.split(":").at(-1)}</a> <span class="quiet">{plural(liveOn.get(a.id) ?? 0, "task")}</span></div>)}</td>
                  <td class="wide">{answers.length === 0 ? <span class="quiet">none yet</span> : answers.map((s, k) => <div key={k}>{frameworks.get(s.framework_id?.value ?? "")?.name ?? s.framework_id?.value}: {s.status?.toLowerCase() ?? "unknown"}</div>)}</td>
                  <td class="right buttons">{isDown
                    ? <button class="button small primary" onClick={() => confirm({ title: "Bring this machine back", verb: "Bring it up", danger: false, done: after(`${name} may register again.`), action: again(maintenance.up(m), plan.again), text: <p>Agents of <b>{name}</b> may register again, and the machine leaves the schedule.</p> })}>Up</button>
                    : <>
                      <button class="button small" onClick={() => confirm({ title: "Cancel maintenance", verb: "Take it out", danger: false, done: `${name} is scheduled no more.`, action: again(maintenance.cancel(m), plan.again), text: <p><b>{name}</b> leaves the schedule.</p> })}>Cancel</button>
                      <button class="button small danger" onClick={() => confirm({ title: "Take this machine down", verb: "Take it down", done: `${name} is down.`, action: again(maintenance.down(m), plan.again), text: <p>The agents of <b>{name}</b> end with all {plural(on.reduce((n, a) => n + (liveOn.get(a.id) ?? 0), 0), "task")} there, and may not register until it is up again.</p> })}>Down</button>
                    </>}</td>
                </tr>
              );
            })}</tbody>
          </table></div>
        </Card>
      ))}
    </>
  );
}

function again<A extends { cli: string; run: () => Promise<unknown> }>(a: A, then: () => void): A {
  return { ...a, run: () => a.run().then(then) };
}

function WindowTime({ w }: { w: Windows }) {
  const start = w.unavailability.start.nanoseconds / 1e9, long = (w.unavailability.duration?.nanoseconds ?? 0) / 1e9;
  const when = start > now.value ? `in ${duration(start - now.value)}` : `since ${duration(now.value - start)}`;
  return <>{time(start)} <span class="quiet">{when}{long ? `, for ${duration(long)}` : ", with no known end"}</span></>;
}

function Plan({ done }: { done: () => void }) {
  const [chosen, choose] = useState<string[]>([]);
  const [minutes, setMinutes] = useState("60");
  const [long, setLong] = useState("30");
  const machines = new Map<string, Machine>();
  for (const a of agents.values()) { const m = { hostname: a.hostname, ip: ipOf(a) }; machines.set(machineName(m), m); }
  const start = Number(minutes), lasts = long === "" ? 0 : Number(long);
  const wrong = chosen.length === 0 ? "Choose a machine." : !(start >= 0) || !(lasts >= 0) ? "Minutes are numbers from 0 on." : "";
  const action = again(maintenance.plan(chosen.map((n) => machines.get(n)!), Math.round((start || 0) * 60), Math.round((lasts || 0) * 60)), done);
  const { run, busy, error } = useAction(action, "It is scheduled; frameworks are being asked to leave.");
  return (
    <form onSubmit={(e) => { e.preventDefault(); if (!wrong) run(); }}>
      <div class="dialog-text">
        <fieldset class="machines"><legend>Machines</legend>{[...machines.keys()].sort().map((n) => (
          <label class="check" key={n}><input type="checkbox" checked={chosen.includes(n)} onChange={(e) => choose(e.currentTarget.checked ? [...chosen, n] : chosen.filter((c) => c !== n))} /> {n}</label>
        ))}</fieldset>
        <label class="field">Begins in, minutes <input type="text" inputMode="decimal" value={minutes} onInput={(e) => setMinutes(e.currentTarget.value)} /></label>
        <label class="field">Lasts, minutes <input type="text" inputMode="decimal" value={long} placeholder="not known" onInput={(e) => setLong(e.currentTarget.value)} /></label>
      </div>
      {chosen.length > 0 && <Cli line={action.cli} />}
      {error && <p class="problem" role="alert">{error}</p>}
      <div class="dialog-actions"><span class="quiet">{wrong}</span><button type="button" class="button" onClick={hide}>Cancel</button><button type="submit" class="button primary" disabled={busy || wrong !== ""}>Schedule</button></div>
    </form>
  );
}
