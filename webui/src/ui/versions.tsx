// The versions of a service, what differs between them, and the way back to one.
import { useState } from "preact/hooks";
import { stamp, time } from "../data/format.ts";
import { serviceActions, type Target, version } from "../data/services.ts";
import { Ago, Badge, Loading, Problem } from "./bits.tsx";
import { Confirm, show, then } from "./dialog.tsx";
import { useLoad } from "./hooks.ts";

const few = 6;

export function Versions({ framework, of, newest, versions, again }: { framework: string; of: Target; newest: string; versions: string[]; again: () => void }) {
  const [all, setAll] = useState(false);
  const back = (v: string): void => show(`Back to ${time(stamp(v))}`, <Back framework={framework} of={of} newest={newest} to={v} again={again} />, true);
  return (
    <>
      <ul class="wait-list">
        {versions.slice(0, all ? undefined : few).map((v) => (
          <li key={v}>
            <span class="wait-name"><span title={v}>{time(stamp(v))}</span><span class="quiet"><Ago at={stamp(v)} /></span></span>
            {v === newest ? <Badge tone="good">the newest</Badge> : <button class="button small" onClick={() => back(v)} aria-label={`Compare with ${v}, and go back to it`}>Compare</button>}
          </li>
        ))}
      </ul>
      {versions.length > few && !all && <button class="link" onClick={() => setAll(true)}>All {versions.length}</button>}
    </>
  );
}

/** Shows what would change, and asks whether it should. */
function Back({ framework, of, newest, to, again }: { framework: string; of: Target; newest: string; to: string; again: () => void }) {
  const x = useLoad(async (signal) => {
    const [now, then] = await Promise.all([version(framework, of, newest, signal), version(framework, of, to, signal)]);
    return diff(now, then);
  }, [to, newest]);
  if (!x.data) return x.error ? <Problem text={x.error} again={x.again} /> : <Loading what="both versions" />;
  return (
    <Confirm title="" verb="Go back to it" danger={false} done={`${of.id} goes back to an earlier version.`} action={then(serviceActions.revert(framework, of, to), again)}
      text={x.data.length === 0 ? <p>Both versions say the same.</p> : (
        <div class="scroll"><table class="plain diff" aria-label="What would change">
          <thead><tr><th>Field</th><th>Now</th><th>Then</th></tr></thead>
          <tbody>{x.data.map((d) => <tr key={d.field}><td>{d.field}</td><td><code class={d.now === undefined ? "" : "minus"}>{d.now ?? "—"}</code></td><td><code class={d.then === undefined ? "" : "plus"}>{d.then ?? "—"}</code></td></tr>)}</tbody>
        </table></div>
      )} />
  );
}

interface Difference { field: string; now: string | undefined; then: string | undefined }

/** The fields in which two definitions differ, by name; what says when they were made does not count. */
export function diff(now: Record<string, unknown>, then: Record<string, unknown>): Difference[] {
  const a = flat(now), b = flat(then);
  return [...new Set([...a.keys(), ...b.keys()])].sort().filter((k) => a.get(k) !== b.get(k)).map((field) => ({ field, now: a.get(field), then: b.get(field) }));
}

function flat(d: Record<string, unknown>): Map<string, string> {
  const out = new Map<string, string>();
  const put = (path: string, v: unknown): void => {
    if (v === null || v === undefined) return;
    if (typeof v !== "object") out.set(path, String(v));
    else if (Array.isArray(v) && v.every((e) => typeof e !== "object")) out.set(path, v.join(" "));
    else for (const [k, e] of Object.entries(v)) put(path ? `${path}.${k}` : k, e);
  };
  const { version: _v, versionInfo: _i, ...rest } = d;
  put("", rest);
  return out;
}
