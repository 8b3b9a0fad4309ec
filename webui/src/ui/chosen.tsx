// Pages of what a framework does: of which framework, when there are several, and what to do when there is none.
import type { ComponentChildren } from "preact";
import { frameworks, frameworksAt } from "../data/store.ts";
import type { Framework } from "../data/types.ts";
import { links, route, setQuery } from "../route.ts";
import { Cli, Empty } from "./bits.tsx";

/** The frameworks of a kind, the oldest first. */
export function known(is: (f: Framework) => boolean): Framework[] {
  void frameworksAt.value;
  return [...frameworks.values()].filter(is).sort((a, b) => a.registered - b.registered);
}

/** The one that the address names, or the first. */
export function chosen(list: Framework[]): Framework | undefined { return list.find((f) => f.id === route.value.query.get("in")) ?? list[0]; }

export function Choice({ list, now }: { list: Framework[]; now: Framework }) {
  if (list.length < 2) return null;
  return (
    <div class="chips" role="group" aria-label="Framework">
      {list.map((f) => <button key={f.id} class="chip" aria-pressed={f.id === now.id} onClick={() => setQuery({ in: f.id })}>{f.name}</button>)}
    </div>
  );
}

/** Which framework the page speaks of. */
export function Kept({ by }: { by: Framework }) { return <>by <a href={links.framework(by.id)}>{by.name}</a>{by.state !== "active" && ` (${by.state})`}</>; }

/** Says how to start what is not there. */
export function Missing({ title, program, children }: { title: string; program: string; children: ComponentChildren }) {
  return (
    <Empty title={title}>
      {children} It appears here as soon as it subscribes. <code>mesos local</code> has one.
      <Cli line={`${program} --master=${location.host} --work_dir=/var/lib/${program}`} label="Start one" />
    </Empty>
  );
}
