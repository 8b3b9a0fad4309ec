// What can be done with a service: an app or a pod.
import { useState } from "preact/hooks";
import { plural } from "../data/format.ts";
import { serviceActions, type Target } from "../data/services.ts";
import { confirm, Confirm, show, then } from "./dialog.tsx";

interface Props { of: Target; framework: string; again: () => void }

export function ServiceActs({ of, framework, again }: Props) {
  const scale = (): void => show(`Scale ${of.id}`, <Scale of={of} framework={framework} again={again} />);
  const ask = (title: string, verb: string, done: string, text: string, action: ReturnType<typeof serviceActions.restart>, danger: boolean): void =>
    confirm({ title, verb, done, danger, action: then(action, again), text: <><p>{text}</p><Ends of={of} /></> });
  return (
    <>
      <button class="button" onClick={scale}>Scale</button>
      <button class="button" onClick={() => ask(`Restart ${of.id}`, "Restart", `${of.id} gets new instances.`, "All its instances are replaced, step by step, as its upgrade strategy says.", serviceActions.restart(framework, of), false)}>Restart</button>
      {of.instances > 0 && <button class="button" onClick={() => ask(`Suspend ${of.id}`, "Suspend", `${of.id} is being suspended.`, "All its instances end. Its definition stays, and scaling it brings it back.", serviceActions.scale(framework, of, 0), true)}>Suspend</button>}
      <button class="button danger" onClick={() => ask(`Remove ${of.id}`, "Remove", `${of.id} is being removed.`, "All its instances end, and its definition and versions are forgotten.", serviceActions.remove(framework, of), true)}>Remove</button>
    </>
  );
}

/** Said before a change that ends another. */
function Ends({ of }: { of: Target }) { return of.deploying ? <p class="warn-text">The deployment that changes it now ends.</p> : null; }

function Scale({ of, framework, again }: Props) {
  const [n, set] = useState(Math.max(1, of.instances));
  return (
    <Confirm title="" verb="Scale" danger={n < of.instances} done={`${of.id} is wanted with ${plural(n, "instance")}.`} action={then(serviceActions.scale(framework, of, n), again)}
      text={<>
        <label class="field scale">Instances <input type="number" min={0} max={100_000} step={1} value={n} aria-label="Instances" autofocus onFocus={(e) => e.currentTarget.select()} onInput={(e) => set(Math.max(0, Math.floor(e.currentTarget.valueAsNumber || 0)))} /></label>
        <p>{of.instances} now, {n < of.instances ? `${of.instances - n} of which end` : n > of.instances ? `${n - of.instances} more are launched` : "which changes nothing"}.</p>
        <Ends of={of} />
      </>} />
  );
}
