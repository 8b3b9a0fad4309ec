// Small pieces that every page uses.
import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { ago, amount, duration, kindNames, percent, shortID, time } from "../data/format.ts";
import { meaning, type Tone } from "../data/states.ts";
import type { Sum } from "../data/sums.ts";
import type { Kind } from "../data/types.ts";
import { now } from "./hooks.ts";
import { Icon } from "./icons.tsx";

export function Badge({ tone, children, title }: { tone: Tone; children: ComponentChildren; title?: string }) {
  return <span class={`badge ${tone}`} title={title}>{children}</span>;
}

export function TaskState({ state, healthy }: { state: string; healthy?: boolean | undefined }) {
  const m = meaning(state);
  if (healthy === false && !m.ends) return <Badge tone="bad" title="It runs, and its health check fails.">unhealthy</Badge>;
  return <Badge tone={m.tone} title={m.says}>{m.name}</Badge>;
}

export function Ago({ at }: { at: number | undefined }) {
  return at ? <time dateTime={new Date(at * 1000).toISOString()} title={time(at)}>{ago(at, now.value)}</time> : <span class="quiet">—</span>;
}

/** How long something has been so. */
export function For({ at }: { at: number | undefined }) {
  return at ? <time dateTime={new Date(at * 1000).toISOString()} title={`since ${time(at)}`}>{duration(now.value - at)}</time> : <span class="quiet">—</span>;
}

export function ID({ id }: { id: string }) { return <span class="id" title={id}>{shortID(id)}</span>; }

export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return <div class="empty"><p class="empty-title">{title}</p>{children && <div class="quiet">{children}</div>}</div>;
}

export function Problem({ text, again }: { text: string; again?: () => void }) {
  return (
    <div class="problem" role="alert">
      <p>{text.charAt(0).toUpperCase() + text.slice(1)}</p>
      {again && <button class="button small" onClick={again}>Try again</button>}
    </div>
  );
}

export function Loading({ what }: { what: string }) { return <p class="loading" role="status">Reading {what}…</p>; }

export function Card({ title, extra, children, class: c = "" }: { title?: ComponentChildren; extra?: ComponentChildren; children: ComponentChildren; class?: string }) {
  return (
    <section class={`card ${c}`}>
      {(title || extra) && <div class="card-head"><h2>{title}</h2>{extra && <div class="card-extra">{extra}</div>}</div>}
      {children}
    </section>
  );
}

export function Facts({ list }: { list: [string, ComponentChildren][] }) {
  return <dl class="facts">{list.filter(([, v]) => v !== undefined && v !== null && v !== "").map(([k, v]) => <div key={k}><dt>{k}</dt><dd>{v}</dd></div>)}</dl>;
}

/** Used and offered of a whole, as one bar. */
export function Bar({ used, offered = 0, total, label, reserved = 0 }: { used: number; offered?: number; total: number; label: string; reserved?: number }) {
  const part = (n: number): string => (total > 0 ? `${Math.min(100, (n / total) * 100)}%` : "0");
  return (
    <div class="bar" role="img" aria-label={label} title={label}>
      <span class="bar-used" style={{ width: part(used) }} />
      <span class="bar-offered" style={{ width: part(offered) }} />
      {reserved > 0 && <span class="bar-reserved" style={{ width: part(Math.max(0, reserved)) }} />}
    </div>
  );
}

export function KindBar({ kind, used, offered, total }: { kind: Kind; used: Sum; offered: Sum; total: number }) {
  const u = used.get(kind), o = offered.get(kind);
  const label = `${kindNames[kind]}: ${amount(kind, u)} used, ${amount(kind, o)} offered, of ${amount(kind, total)}`;
  return <Bar used={u} offered={o} total={total} label={label} />;
}

/** How much of each resource of a whole is used: a table of bars. */
export function Meters({ used, offered, total }: { used: Sum; offered: Sum; total: Partial<Record<Kind, number>> }) {
  return (
    <div class="meters">
      {(["cpus", "mem", "disk", "gpus"] as const).filter((k) => (total[k] ?? 0) > 0 || used[k] > 0).map((k) => (
        <div class="meter" key={k}>
          <span class="meter-name">{kindNames[k]}</span>
          <KindBar kind={k} used={used} offered={offered} total={total[k] ?? 0} />
          <span class="meter-text"><b>{percent(total[k] ? used.get(k) / total[k] : 0)}</b> {amount(k, used.get(k))} of {amount(k, total[k] ?? 0)}{offered[k] > 0 && `, ${amount(k, offered.get(k))} offered`}</span>
        </div>
      ))}
    </div>
  );
}

/** A command line that does the same, to be copied. */
export function Cli({ line, label = "The same in a terminal" }: { line: string; label?: string }) {
  const [copied, set] = useState(false);
  useEffect(() => {
    if (!copied) return undefined;
    const t = setTimeout(() => set(false), 1500);
    return () => clearTimeout(t);
  }, [copied]);
  const copy = (): void => { void navigator.clipboard?.writeText(line).then(() => set(true)); };
  return (
    <div class="cli" aria-label={label}>
      <code>{line}</code>
      {navigator.clipboard && <button class="icon-button" onClick={copy} aria-label={copied ? "Copied" : "Copy the command"} title={copied ? "Copied" : "Copy"}><Icon name={copied ? "check" : "copy"} size={15} /></button>}
    </div>
  );
}

export function PageHead({ title, sub, badge, actions, cli }: { title: ComponentChildren; sub?: ComponentChildren; badge?: ComponentChildren; actions?: ComponentChildren; cli?: string }) {
  return (
    <header class="page-head">
      <div class="page-title"><h1>{title}</h1>{badge}</div>
      {sub && <p class="page-sub">{sub}</p>}
      {actions && <div class="page-actions">{actions}</div>}
      {cli && <Cli line={cli} />}
    </header>
  );
}

export function Tabs({ list, at }: { list: { name: string; href: string; key: string }[]; at: string }) {
  return (
    <nav class="tabs" aria-label="Parts of this page">
      {list.map((t) => <a key={t.key} href={t.href} aria-current={t.key === at ? "page" : undefined}>{t.name}</a>)}
    </nav>
  );
}
