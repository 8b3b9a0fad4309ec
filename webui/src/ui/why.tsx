// Why something waits: the master's own explanation, as sentences first.
import { useLoad } from "./hooks.ts";
import { Cli, Loading, Problem } from "./bits.tsx";
import { shows } from "../data/calls.ts";
import { explain, type Explanation, type Kind, type Reason } from "../data/explain.ts";
import { amounts, duration, percent, plural, time } from "../data/format.ts";
import { href, links } from "../route.ts";
import { show } from "./dialog.tsx";
import { Icon } from "./icons.tsx";

export function WhyButton({ kind, id, what, text = "Why?" }: { kind: Kind; id: string; what: string; text?: string }) {
  return (
    <button class="button small why" onClick={(e) => { e.stopPropagation(); show(`Why? — ${what}`, <Why kind={kind} id={id} />, true); }} aria-label={`Why? ${what}`}>
      <Icon name="why" size={14} />{text}
    </button>
  );
}

export function Why({ kind, id, at = 0 }: { kind: Kind; id: string; at?: number }) {
  const x = useLoad((signal) => explain(kind, id, signal), [kind, id, at]);
  return (
    <div class="why-body">
      {x.error && <Problem text={x.error} again={x.again} />}
      {!x.data && !x.error && <Loading what="the master's explanation" />}
      {x.data && <Explained x={x.data} />}
      {x.data && <p class="quiet small-text">As of a moment ago. <button class="link" onClick={x.again}>Ask again</button></p>}
      <Cli line={shows.explain(kind, id)} />
    </div>
  );
}

const text = (a: Record<string, number> | undefined): string => (a ? amounts(a) : "");

export function Explained({ x }: { x: Explanation }) {
  const { lead, more } = story(x);
  return (
    <>
      {lead && <p class="lead">{sentence(lead)}</p>}
      {more.length > 0 && <ul class="reasons">{more.map((s) => <li key={s}>{sentence(s)}</li>)}</ul>}
      {x.roles?.map((r) => (
        <div key={r.role} class="why-role">
          <h3>In role <a href={links.role(r.role)}>{r.role}</a> <span class="quiet">share {percent(r.share)}, {plural(r.offers_made, "offer")} so far{r.filters > 0 && `, ${plural(r.filters, "refusal")} in force`}</span></h3>
          {!r.suppressed && r.needs && r.needs.length > 0 && <p class="quiet">The least that is offered to it: {r.needs.map((n) => text(n)).join(" or ")}.</p>}
          {r.why_not_more && r.why_not_more.length > 0 && (
            <table class="plain">
              <thead><tr><th>What stands in the way</th><th class="right">Agents</th><th>Nearest</th><th>Lacks there</th></tr></thead>
              <tbody>{r.why_not_more.map((w) => (
                <tr key={w.reason}><td>{sentence(bare(w.text ?? w.reason))}</td><td class="right">{w.agents}</td>
                  <td>{w.agent_id ? <a href={links.agent(w.agent_id)}>{w.hostname || w.agent_id}</a> : "—"}</td><td>{text(w.missing) || "—"}</td></tr>
              ))}</tbody>
            </table>
          )}
          {!r.suppressed && r.why_not_more?.some((w) => w.reason === "filtered") && <p class="quiet">What it needs only its scheduler knows: it refuses offers that hold less. <a href={href(["why"], { role: r.role, cpus: "1" })}>Ask where a need would fit</a>.</p>}
        </div>
      ))}
      {x.obstacles && x.obstacles.length > 0 && (
        <table class="plain">
          <thead><tr><th>What stands in the way</th><th class="right">Agents</th><th>Nearest</th></tr></thead>
          <tbody>{x.obstacles.map((o) => (
            <tr key={o.reason}><td>{sentence(bare(o.text))}</td><td class="right">{o.agents}</td>
              <td>{o.nearest?.slice(0, 3).map((n) => <div key={n.agent_id}><a href={links.agent(n.agent_id)}>{n.hostname}</a> {n.missing ? `lacks ${text(n.missing)}` : n.detail ?? ""}</div>)}</td></tr>
          ))}</tbody>
        </table>
      )}
      {x.fits_on && x.fits_on.length > 0 && <p>It would fit on {x.fits_on.slice(0, 8).map((p, i) => <span key={p.agent_id}>{i > 0 && ", "}<a href={links.agent(p.agent_id)}>{p.hostname}</a></span>)}{(x.agents_that_fit ?? 0) > 8 && ` and ${x.agents_that_fit! - 8} more`}.</p>}
      {x.why_not && x.why_not.length > 0 && (
        <table class="plain">
          <thead><tr><th>Why frameworks are not offered it</th><th class="right">Frameworks</th><th>For example</th></tr></thead>
          <tbody>{x.why_not.map((w) => <tr key={w.reason}><td>{sentence(w.reason)}</td><td class="right">{w.frameworks}</td><td><a href={links.framework(w.framework_id)}>{w.role}</a></td></tr>)}</tbody>
        </table>
      )}
      {x.hoarders && x.hoarders.length > 0 && (
        <>
          <h3>Who sits on offers</h3>
          <ul class="reasons">{x.hoarders.map((h) => <li key={h.framework_id}><a href={links.framework(h.framework_id)}>{h.name}</a> has left {h.offers} unanswered, the oldest for {duration(h.oldest_age_seconds)}: {amounts(h.resources)}</li>)}</ul>
        </>
      )}
    </>
  );
}

/** Without the count of agents before it, which has a column of its own. */
function bare(s: string): string { return s.trim().replace(/^\d+ agents?: /, ""); }

/** One sentence that says the most, and those that no table below says again. */
function story(x: Explanation): { lead: string; more: string[] } {
  const lines = x.summary.map((s) => s.trim());
  if (x.obstacles) return { lead: lines[0] ?? "", more: lines.slice(1).filter((s) => !/^\d+ agents?: /.test(s)) };
  if (!x.roles) return { lead: lines[0]?.replace(/ \([0-9a-f-]{36}-\w+\)/, "") ?? "", more: lines.slice(1) };
  const all = x.roles.flatMap((r) => r.why_not_more ?? []);
  const most = all.reduce<Reason | undefined>((a, b) => (a && (a.agents ?? 0) >= (b.agents ?? 0) ? a : b), undefined);
  const lead = most ? `On ${most.agents === 1 ? "1 agent" : `${most.agents} agents`}: ${bare(most.text ?? most.reason)}` : "Nothing stands in its way";
  return { lead, more: lines.slice(1).filter((s) => !/^\d+ agents?: /.test(s) && !/^role \S+: offered/.test(s)).map((s) => s.replace(/^\s+/, "")) };
}

/** Times of the master are for programs; people read those of their own clock. */
function sentence(s: string): string {
  const local = s.replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, (t) => time(Date.parse(t) / 1000));
  return local.charAt(0).toUpperCase() + local.slice(1);
}
