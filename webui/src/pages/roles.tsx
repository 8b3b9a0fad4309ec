// Roles as a tree: what each holds, beside what its weight and its quota say.
import { useMemo } from "preact/hooks";
import { shows } from "../data/calls.ts";
import { amount, amounts, kindNames, number, percent, plural } from "../data/format.ts";
import { agents, agentsAt, frameworks, frameworksAt, lineage, offered, offersAt, settings, tasksAt, total, used } from "../data/store.ts";
import { Sum } from "../data/sums.ts";
import { type Amounts, type Kind, kinds, type Quota } from "../data/types.ts";
import { links } from "../route.ts";
import { Badge, Bar, Card, Cli, Empty, PageHead } from "../ui/bits.tsx";
import { useChanges } from "../ui/hooks.ts";
import { pace } from "../ui/task_table.tsx";
import { WhyButton } from "../ui/why.tsx";

interface Role { name: string; depth: number; held: Sum; used: Sum; offered: Sum; reserved: Sum; share: number; fair: number; weight: number; quota: Quota | undefined; frameworks: string[] }

export function RolesPage({ open }: { open: string }) {
  const at = useChanges(pace(), tasksAt, offersAt, agentsAt, frameworksAt, settings);
  const list = useMemo(tree, [at]);
  const chosen = list.find((r) => r.name === open);
  return (
    <>
      <PageHead title={open ? <>Role {open}</> : "Roles"} sub={open ? <a href="#/roles">All roles</a> : "What each role holds, beside the share its weight is worth among its siblings."} cli={open ? shows.role(open) : shows.roles()} />
      {open && (chosen ? <One r={chosen} /> : <Empty title="The master does not know this role">No framework is in it or below it, and it has neither a quota nor a weight.</Empty>)}
      {list.length === 0 ? <Empty title="No role is known">A role is known while a framework is in it, or something is reserved, guaranteed or set for it.</Empty> : (
        <div class="scroll"><table class="plain roles">
          <thead><tr><th>Role</th><th class="role-share">Share, of <span class="fair-mark" /> fair by weight</th><th class="right wide">Weight</th><th class="wide">Holds</th><th class="wide">Quota</th><th class="right wide">Frameworks</th><th /></tr></thead>
          <tbody>{list.map((r) => (
            <tr key={r.name} aria-current={r.name === open ? "true" : undefined}>
              <td class="role-name" style={{ paddingInlineStart: `${0.6 + r.depth * 1.1}rem` }}>{r.depth > 0 && <span class="branch" aria-hidden="true">└ </span>}<a href={links.role(r.name)}>{r.depth > 0 ? r.name.slice(r.name.lastIndexOf("/") + 1) : r.name}</a></td>
              <td><Share r={r} /></td>
              <td class="right wide">{number(r.weight)}</td>
              <td class="wide holds">{amounts(r.used.amounts)}{r.offered.count > 0 && <span class="quiet">, offered {amounts(r.offered.amounts)}</span>}</td>
              <td class="wide">{r.quota ? <QuotaText q={r.quota} held={r.held} /> : <span class="quiet">none</span>}</td>
              <td class="right wide">{r.frameworks.length || ""}</td>
              <td class="right"><WhyButton kind="role" id={r.name} what={`role ${r.name}`} /></td>
            </tr>
          ))}</tbody>
        </table></div>
      )}
    </>
  );
}

function Share({ r }: { r: Role }) {
  const label = `Share ${percent(r.share)}, fair by weight ${percent(r.fair)}`;
  return (
    <span class="cell-meter"><span class="share-bar"><Bar used={r.used.shareOf(total)} offered={Math.max(0, r.share - r.used.shareOf(total))} total={1} label={label} /><i class="fair" style={{ insetInlineStart: `${Math.min(100, r.fair * 100)}%` }} /></span><span>{percent(r.share)} <span class="quiet">of {percent(r.fair)}</span></span></span>
  );
}

function QuotaText({ q, held }: { q: Quota; held: Sum }) {
  const has = (k: string): number => ((kinds as readonly string[]).includes(k) ? held.get(k as Kind) : 0);
  const full = Object.entries(q.limits ?? {}).some(([k, v]) => has(k) >= v);
  const lacking = Object.entries(q.guarantees ?? {}).some(([k, v]) => has(k) < v);
  const g = Object.keys(q.guarantees ?? {}).length > 0, l = Object.keys(q.limits ?? {}).length > 0;
  return <>{g && <span>at least {amounts(q.guarantees as Amounts)}</span>}{g && l && ", "}{l && <span>at most {amounts(q.limits as Amounts)}</span>} {full && <Badge tone="warn">at its limit</Badge>} {lacking && <Badge tone="busy">below its guarantee</Badge>}</>;
}

function One({ r }: { r: Role }) {
  const quota = r.quota;
  return (
    <div class="columns">
      <Card title="Quota">
        {!quota ? <Empty title="It has no quota">A quota guarantees resources to a role, or limits what it gets.</Empty> : (
          <div class="meters">{[...new Set([...Object.keys(quota.guarantees ?? {}), ...Object.keys(quota.limits ?? {})])].map((k) => {
            const kind = k as Kind, held = r.held.get(kind) || 0, limit = quota.limits?.[k], least = quota.guarantees?.[k], top = limit ?? Math.max(held, least ?? 0);
            return <div class="meter" key={k}><span class="meter-name">{kindNames[kind] ?? k}</span><Bar used={held} total={top} label={`${held} held of ${top}`} /><span class="meter-text"><b>{amount(kind, held)}</b> held{limit !== undefined && ` of at most ${amount(kind, limit)}`}{least !== undefined && `, at least ${amount(kind, least)} guaranteed`}</span></div>;
          })}</div>
        )}
        {r.reserved.count > 0 && <p class="quiet">Reserved to it: {amounts(r.reserved.amounts)}.</p>}
        <Cli line={shows.quota(r.name, quota?.limits ?? { cpus: 4 })} />
        <Cli line={shows.weight(r.name, r.weight)} />
      </Card>
      <Card title="Frameworks">
        {r.frameworks.length === 0 ? <Empty title="No framework is in it" /> : <ul class="wait-list">{r.frameworks.slice(0, 20).map((id) => <li key={id}><span class="wait-name"><a href={links.framework(id)}>{frameworks.get(id)?.name}</a><span class="quiet">{amounts(used.framework.of(id).amounts)}</span></span><WhyButton kind="framework" id={id} what={frameworks.get(id)?.name ?? id} /></li>)}</ul>}
        {r.frameworks.length > 20 && <p class="quiet">{plural(r.frameworks.length - 20, "more framework")}</p>}
      </Card>
    </div>
  );
}

function tree(): Role[] {
  const names = new Set<string>();
  const know = (role: string): void => { for (const r of lineage(role)) names.add(r); };
  const members = new Map<string, string[]>();
  for (const f of frameworks.values()) {
    if (f.state === "completed") continue;
    for (const r of f.roles ?? []) {
      know(r);
      members.get(r)?.push(f.id) ?? members.set(r, [f.id]);
    }
  }
  for (const r of [...used.role.keys(), ...offered.role.keys(), ...Object.keys(settings.value.weights), ...Object.keys(settings.value.quotas)]) know(r);
  const reserved = new Map<string, Sum>();
  for (const a of agents.values()) for (const [role, r] of Object.entries(a.reserved ?? {})) {
    for (const n of lineage(role)) {
      know(n);
      let s = reserved.get(n);
      if (!s) reserved.set(n, (s = new Sum()));
      s.add(r);
    }
  }
  const weight = (r: string): number => settings.value.weights[r] ?? 1;
  const parent = (r: string): string => (r.includes("/") ? r.slice(0, r.lastIndexOf("/")) : "");
  const siblings = new Map<string, number>(); // sum of weights below each role
  for (const n of names) siblings.set(parent(n), (siblings.get(parent(n)) ?? 0) + weight(n));
  const fair = (r: string): number => (r === "" ? 1 : fair(parent(r)) * (weight(r) / siblings.get(parent(r))!));
  return [...names].sort(byPath).map((name) => {
    const held = new Sum();
    held.plus(used.role.of(name));
    held.plus(offered.role.of(name));
    return {
      name, depth: name.split("/").length - 1, held, used: used.role.of(name), offered: offered.role.of(name), reserved: reserved.get(name) ?? new Sum(),
      share: held.shareOf(total), fair: fair(name), weight: weight(name), quota: settings.value.quotas[name], frameworks: members.get(name) ?? [],
    };
  });
}

function byPath(a: string, b: string): number {
  const x = a.split("/"), y = b.split("/");
  for (let i = 0; i < Math.min(x.length, y.length); i++) if (x[i] !== y[i]) return x[i]! < y[i]! ? -1 : 1;
  return x.length - y.length;
}
