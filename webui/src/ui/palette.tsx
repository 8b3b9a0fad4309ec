// Search over everything, from every page.
import { useMemo, useState } from "preact/hooks";
import { amounts, plural, shortID } from "../data/format.ts";
import { jobs, type Job, when } from "../data/jobs.ts";
import { isChronos, isMarathon } from "../data/keepers.ts";
import { score, words } from "../data/search.ts";
import { type App, bare, names, type PodSpecWithID, runsIn } from "../data/services.ts";
import { meaning } from "../data/states.ts";
import { agents, frameworks, tasks } from "../data/store.ts";
import { go, links } from "../route.ts";
import { hide, show } from "./dialog.tsx";
import { useLoad } from "./hooks.ts";

interface Hit { kind: string; name: string; more: string; to: string; score: number }

const most = 12;

export function showSearch(): void { show("Find", <Search />, true); }

function Search() {
  const [question, ask] = useState("");
  const [chosen, choose] = useState(0);
  const kept = useLoad(whatIsKept, []).data;
  const hits = useMemo(() => find(question, kept), [question, kept]);
  const open = (h: Hit | undefined): void => { if (h) { hide(); go(h.to); } };
  const keys = (e: KeyboardEvent): void => {
    const step = e.key === "ArrowDown" ? 1 : e.key === "ArrowUp" ? -1 : 0;
    if (e.key === "Enter") open(hits[chosen]);
    else if (step) choose((c) => (c + step + hits.length) % Math.max(1, hits.length));
    else return;
    e.preventDefault();
  };
  return (
    <div class="palette" onKeyDown={keys}>
      <input type="text" placeholder="Part of an id, name or host" aria-label="What to find" value={question} autofocus autocomplete="off" spellcheck={false}
        role="combobox" aria-expanded="true" aria-controls="hits" aria-activedescendant={hits[chosen] ? `hit-${chosen}` : undefined}
        onInput={(e) => { ask(e.currentTarget.value); choose(0); }} ref={(el) => { if (el && document.activeElement !== el) el.focus(); }} />
      <ul id="hits" role="listbox" aria-label="Found">
        {hits.map((h, i) => (
          <li key={h.to} id={`hit-${i}`} role="option" aria-selected={i === chosen} onMouseMove={() => choose(i)} onClick={() => open(h)}>
            <span class="hit-kind">{h.kind}</span><span class="hit-name">{h.name}</span><span class="hit-more">{h.more}</span>
          </li>
        ))}
      </ul>
      {question && hits.length === 0 && <p class="quiet">Nothing has that in its id, name or host.</p>}
      {!question && <p class="quiet">{plural(tasks.size, "task")}, {plural(agents.size, "agent")}, {plural(frameworks.size, "framework")}{kept && kept.services > 0 && <>, {plural(kept.services, "service")}</>}{kept && kept.jobs > 0 && <>, {plural(kept.jobs, "job")}</>}. ↑ ↓ choose, Enter opens.</p>}
    </div>
  );
}

interface Kept { of: { framework: string; apps: App[]; pods: PodSpecWithID[]; jobs: Job[] }[]; services: number; jobs: number }

/** What every marathon and chronos keeps. One that does not answer has nothing to be found. */
async function whatIsKept(signal: AbortSignal): Promise<Kept> {
  const none = { apps: [], pods: [], jobs: [] };
  const of = await Promise.all([...frameworks.values()].map(async (f) => {
    if (isMarathon(f)) return { framework: f.id, ...none, ...await names(f.id, signal).catch(() => none) };
    return { framework: f.id, ...none, jobs: isChronos(f) ? await jobs(f.id, signal).catch(() => []) : [] };
  }));
  const sum = (n: (k: Kept["of"][number]) => number): number => of.reduce((all, k) => all + n(k), 0);
  return { of, services: sum((k) => k.apps.length + k.pods.length), jobs: sum((k) => k.jobs.length) };
}

function find(question: string, kept: Kept | null): Hit[] {
  const q = words(question);
  if (q.length === 0) return [];
  const out: Hit[] = [];
  const add = (kind: string, name: string, more: string, to: string, names: string[], rest: string, bonus: number): void => {
    const s = score(q, names.map((n) => n.toLowerCase()), rest.toLowerCase());
    if (s > 0) out.push({ kind, name, more, to, score: s + bonus });
  };
  for (const a of agents.values()) add("agent", a.hostname, `${a.state}, ${amounts(a.res)}`, links.agent(a.id), [a.hostname, a.id], a.pid, 40);
  for (const f of frameworks.values()) add("framework", f.name, `${f.state}, ${shortID(f.id)}`, links.framework(f.id), [f.name, f.id], f.user, f.state === "completed" ? 0 : 40);
  const roles = new Set([...frameworks.values()].flatMap((f) => f.roles ?? []));
  for (const r of roles) add("role", r, "", links.role(r), [r], "", 20);
  for (const t of tasks.values()) {
    add("task", t.id, `${meaning(t.state).name}, ${frameworks.get(t.framework)?.name ?? ""}`, links.task(t.framework, t.id), [t.id, t.name], "", t.past ? 0 : 30);
  }
  for (const k of kept?.of ?? []) {
    for (const a of k.apps) add("service", a.id, plural(a.instances, "instance"), links.service(k.framework, bare(a.id)), [bare(a.id)], `${a.cmd ?? ""} ${a.container?.docker?.image ?? ""}`, 60);
    for (const p of k.pods) add("pod", p.id, plural(p.scaling?.instances ?? 1, "instance"), links.pod(k.framework, bare(p.id)), [bare(p.id)], (p.containers ?? []).map((c) => `${c.name} ${runsIn(c)}`).join(" "), 60);
    for (const j of k.jobs) add("job", j.name, `${j.disabled ? "disabled" : j.state}, ${when(j)}`, links.job(k.framework, j.name), [j.name], `${j.command} ${j.description ?? ""}`, 60);
  }
  return out.sort((a, b) => b.score - a.score).slice(0, most);
}
