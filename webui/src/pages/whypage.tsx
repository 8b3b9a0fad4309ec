// Would it fit? What an amount of resources would meet in the cluster as it is now, and who waits.
import { useState } from "preact/hooks";
import { shows } from "../data/calls.ts";
import { explainNeed } from "../data/explain.ts";
import { plural } from "../data/format.ts";
import { frameworks, frameworksAt, liveOf, tasksAt } from "../data/store.ts";
import { links, route, setQuery } from "../route.ts";
import { Card, Cli, Empty, Loading, PageHead, Problem } from "../ui/bits.tsx";
import { useLoad } from "../ui/hooks.ts";
import { Explained, WhyButton } from "../ui/why.tsx";

const fields: [string, string, string][] = [["cpus", "CPUs", "1"], ["mem", "Memory, MB", "512"], ["disk", "Disk, MB", ""], ["gpus", "GPUs", ""]];

export function WhyPage() {
  void frameworksAt.value; void tasksAt.value;
  const q = route.value.query;
  const [need, setNeed] = useState<Record<string, string>>({ cpus: q.get("cpus") ?? "", mem: q.get("mem") ?? "", disk: q.get("disk") ?? "", gpus: q.get("gpus") ?? "", role: q.get("role") ?? "", attribute: q.get("attribute") ?? "" });
  const set = (k: string, v: string): void => setNeed((n) => ({ ...n, [k]: v }));
  const asked = fields.some(([k]) => q.get(k));
  const roles = [...new Set([...frameworks.values()].flatMap((f) => f.roles ?? []))].sort();
  const list = [...frameworks.values()].filter((f) => f.state === "active" && (f.roles ?? []).some((r) => !f.suppressed?.includes(r))).sort((a, b) => (liveOf.get(a.id) ?? 0) - (liveOf.get(b.id) ?? 0));
  return (
    <>
      <PageHead title="Why?" sub="Why something does not run, or would not: the allocator's own account." />
      <div class="columns">
        <Card title="Would it fit?" class="span">
          <form class="need" onSubmit={(e) => { e.preventDefault(); setQuery(need); }}>
            {fields.map(([k, name, hint]) => <label class="field" key={k}>{name}<input type="text" inputMode="decimal" placeholder={hint} value={need[k]} onInput={(e) => set(k, e.currentTarget.value)} /></label>)}
            <label class="field">Role<input type="text" list="roles" placeholder="*" value={need.role} onInput={(e) => set("role", e.currentTarget.value)} /><datalist id="roles">{roles.map((r) => <option key={r} value={r} />)}</datalist></label>
            <label class="field">Attribute<input type="text" placeholder="rack:r1" value={need.attribute} onInput={(e) => set("attribute", e.currentTarget.value)} /></label>
            <button class="button primary">Ask</button>
          </form>
          {asked ? <Answer q={q} /> : <p class="quiet">Name an amount, and see on how many agents it would fit, and what stands in the way on the others.</p>}
        </Card>
        <Card title="Frameworks that want offers" class="span">
          {list.length === 0 ? <Empty title="Nobody wants offers now" /> : <ul class="wait-list">{list.slice(0, 50).map((f) => <li key={f.id}><span class="wait-name"><a href={links.framework(f.id)}>{f.name}</a><span class="quiet">{(f.roles ?? []).join(", ")} · {plural(liveOf.get(f.id) ?? 0, "live task")}</span></span><WhyButton kind="framework" id={f.id} what={f.name} /></li>)}</ul>}
          {list.length > 50 && <p class="quiet">{plural(list.length - 50, "more framework")}</p>}
        </Card>
      </div>
    </>
  );
}

function Answer({ q }: { q: URLSearchParams }) {
  const asked = new URLSearchParams([...q].filter(([, v]) => v !== ""));
  const x = useLoad((signal) => explainNeed(asked, signal), [asked.toString()]);
  const cli = shows.request([...asked].map(([k, v]) => (k === "role" ? `--role=${v}` : k === "attribute" ? `--attribute=${v}` : `--${k}=${v}`)));
  return (
    <div class="why-body">
      {x.error && <Problem text={x.error} />}
      {!x.data && !x.error && <Loading what="the master's answer" />}
      {x.data && !x.error && <Explained x={x.data} />}
      <Cli line={cli} />
    </div>
  );
}
