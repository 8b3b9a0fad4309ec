// Deployments on their way, and what waits for offers.
import { actionText, bare, type Deployment, type Queued, reasons, serviceActions, whyWaits } from "../data/services.ts";
import { plural, stamp } from "../data/format.ts";
import { frameworks } from "../data/store.ts";
import { links } from "../route.ts";
import { Ago, Badge, Bar, Cli, For } from "./bits.tsx";
import { confirm, then } from "./dialog.tsx";
import { WhyButton } from "./why.tsx";

/** One deployment: its steps, the one that goes on, and how far the instances of an app are. */
export function DeploymentView({ d, framework, done, again }: { d: Deployment; framework: string; done?: { now: number; of: number; what: string } | undefined; again: () => void }) {
  const name = [...d.affectedApps, ...d.affectedPods].join(", ");
  const stop = (): void => confirm({
    title: "Stop this deployment", verb: "Take it back", done: "The deployment is taken back.", action: then(serviceActions.stop(framework, d.id), again),
    text: <p>A new deployment brings <b>{name}</b> back to what it was before.</p>,
  });
  const promote = (): void => confirm({
    title: "Promote the canaries", verb: "Promote", danger: false, done: "All instances follow.", action: then(serviceActions.promote(framework, d.id), again),
    text: <p>The canaries of <b>{name}</b> are well. All other instances follow them.</p>,
  });
  return (
    <section class="deployment" aria-label={`Deployment of ${name}`}>
      <div class="deployment-head">
        <span class="wait-name"><b>{d.affectedApps.map((id, i) => <span key={id}>{i > 0 && ", "}<a href={links.service(framework, bare(id))}>{id}</a></span>)}{d.affectedApps.length > 0 && d.affectedPods.length > 0 && ", "}{d.affectedPods.map((id, i) => <span key={id}>{i > 0 && ", "}<a href={links.pod(framework, bare(id))}>{id}</a></span>)}</b>
          <span class="quiet">began <Ago at={stamp(d.version)} /> · step {d.currentStep} of {d.totalSteps}</span></span>
        <span class="deployment-acts">
          {d.awaitsPromotion && <button class="button small primary" onClick={promote}>Promote</button>}
          <button class="button small" onClick={stop} aria-label={`Stop the deployment of ${name}`}>Stop</button>
        </span>
      </div>
      <ol class="steps">
        {d.steps.map((s, i) => {
          const is = i + 1 < d.currentStep ? "over" : i + 1 === d.currentStep ? "now" : "next";
          return <li key={i} class={is} aria-current={is === "now" ? "step" : undefined}>{s.actions.map(actionText).join(", ")}<span class="sr"> {is === "over" ? "is done" : is === "now" ? "goes on" : "comes later"}</span></li>;
        })}
      </ol>
      {done && <div class="deployment-bar"><Bar used={done.now} total={done.of} label={`${done.now} of ${done.of} ${done.what}`} /><span>{done.now} of {plural(done.of, "instance")} {done.what}</span></div>}
      {d.awaitsPromotion && <Cli line={serviceActions.promote(framework, d.id).cli} label="Promote in a terminal" />}
    </section>
  );
}

/** What waits, each in one line with the reason. */
export function QueueList({ queue, framework }: { queue: Queued[]; framework: string }) {
  return (
    <ul class="wait-list">
      {queue.map((q) => {
        const id = q.app?.id ?? q.pod?.id ?? "";
        return (
          <li key={id}>
            <span class="wait-name"><a href={(q.app ? links.service : links.pod)(framework, bare(id))}>{id}</a><span class="quiet">{plural(q.count, "instance")} for <For at={stamp(q.since)} />: {whyWaits(q)}</span></span>
            <WhyButton kind="framework" id={framework} what={frameworks.get(framework)?.name ?? id} />
          </li>
        );
      })}
    </ul>
  );
}

/** Why one service waits, as a table. */
export function QueueView({ q, framework, again }: { q: Queued; framework: string; again: () => void }) {
  const list = reasons(q), id = q.app?.id ?? q.pod?.id ?? "";
  return (
    <>
      <p class="lead">{q.count === 1 ? "1 instance waits" : `${q.count} instances wait`}: {whyWaits(q)}.</p>
      <p class="quiet">For <For at={stamp(q.since)} />. Marathon looked at {plural(q.processedOffersSummary.processedOffersCount, "offer")} for it.</p>
      {list.length > 0 && (
        <table class="plain"><thead><tr><th>What stands in the way</th><th class="right">Agents</th></tr></thead>
          <tbody>{list.map((r) => <tr key={r.text}><td>{r.text}</td><td class="right">{r.agents}</td></tr>)}</tbody></table>
      )}
      <p class="card-acts">
        <WhyButton kind="framework" id={framework} what={frameworks.get(framework)?.name ?? id} text="Why does its framework get no more?" />
        {q.delay.timeLeftSeconds > 0 && <button class="button small" onClick={() => confirm({
          title: "Launch it now", verb: "Launch", danger: false, done: "It waits no longer.", action: then(serviceActions.now(framework, id), again),
          text: <p>Instances of <b>{id}</b> failed. Marathon waits longer after each failure; this ends the wait.</p>,
        })}>Launch it now</button>}
      </p>
    </>
  );
}

/** The tone and the word of an app or pod. */
export function Standing({ deploying, waits, wanted, running, unhealthy }: { deploying: boolean; waits: boolean; wanted: number; running: number; unhealthy: number }) {
  if (waits) return <Badge tone="warn" title="Instances wait for offers.">waiting</Badge>;
  if (deploying) return <Badge tone="busy" title="A deployment changes it.">deploying</Badge>;
  if (wanted === 0) return <Badge tone="off" title="It is wanted with no instances.">suspended</Badge>;
  if (unhealthy > 0) return <Badge tone="bad" title="Health checks of instances fail.">unhealthy</Badge>;
  if (running < wanted) return <Badge tone="warn" title="Fewer instances run than are wanted.">short</Badge>;
  return <Badge tone="good">running</Badge>;
}
