// Why something waits: the master's own explanation, as sentences first.
import { useLoad } from "./hooks.ts";
import { Cli, Loading, Problem } from "./bits.tsx";
import { shows } from "../data/calls.ts";
import { explain, type Explanation, type Kind } from "../data/explain.ts";
import { amounts, duration, number, percent } from "../data/format.ts";
import { links } from "../route.ts";
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
  const [first, ...rest] = x.summary;
  return (
    <>
      {first && <p class="lead">{sentence(first)}</p>}
      {rest.length > 0 && <ul class="reasons">{rest.map((s) => <li key={s}>{sentence(s)}</li>)}</ul>}
      {x.roles?.filter((r) => r.why_not_more?.length).map((r) => (
        <div key={r.role} class="why-role">
          <h3>In role <a href={links.role(r.role)}>{r.role}</a> <span class="quiet">share {percent(r.share)}, {number(r.offers_made)} offers so far{r.filters > 0 && `, ${number(r.filters)} refusals hold`}</span></h3>
          {r.needs && r.needs.length > 0 && <p>It waits for at least {r.needs.map((n) => text(n)).join(" or ")}.</p>}
          <table class="plain">
            <thead><tr><th>What stands in the way</th><th class="right">Agents</th><th>Nearest</th><th>Lacks there</th></tr></thead>
            <tbody>{r.why_not_more!.map((w) => (
              <tr key={w.reason}><td>{sentence(w.text?.replace(/^\d+ agents?: /, "") ?? w.reason)}</td><td class="right">{w.agents}</td>
                <td>{w.agent_id ? <a href={links.agent(w.agent_id)}>{w.hostname || w.agent_id}</a> : "—"}</td><td>{text(w.missing) || "—"}</td></tr>
            ))}</tbody>
          </table>
        </div>
      ))}
      {x.obstacles && x.obstacles.length > 0 && (
        <table class="plain">
          <thead><tr><th>What stands in the way</th><th class="right">Agents</th><th>Nearest</th></tr></thead>
          <tbody>{x.obstacles.map((o) => (
            <tr key={o.reason}><td>{sentence(o.text.replace(/^\d+ agents?: /, ""))}</td><td class="right">{o.agents}</td>
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

function sentence(s: string): string { return s.charAt(0).toUpperCase() + s.slice(1); }
