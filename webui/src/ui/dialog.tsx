// Dialogs: one at a time, with the browser's own <dialog> for focus and Escape.
import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Action } from "../data/calls.ts";
import { Cli } from "./bits.tsx";
import { Icon } from "./icons.tsx";
import { say } from "./toast.tsx";

const shown = signal<{ title: string; body: ComponentChildren; wide?: boolean } | null>(null);

export function show(title: string, body: ComponentChildren, wide = false): void { shown.value = { title, body, wide }; }
export function hide(): void { shown.value = null; }
export function dialogOpen(): boolean { return shown.value !== null; }

export function Dialog() {
  const ref = useRef<HTMLDialogElement>(null);
  const d = shown.value;
  useEffect(() => {
    if (d && !ref.current?.open) ref.current?.showModal();
    if (!d && ref.current?.open) ref.current.close();
  }, [d]);
  useEffect(() => {
    window.addEventListener("hashchange", hide);
    return () => window.removeEventListener("hashchange", hide);
  }, []);
  return (
    <dialog ref={ref} class={d?.wide ? "wide" : ""} onClose={hide} onClick={(e) => { if (e.target === ref.current) hide(); }} aria-labelledby="dialog-title">
      {d && (
        <div class="dialog-body">
          <div class="dialog-head"><h2 id="dialog-title">{d.title}</h2><button class="icon-button" onClick={hide} aria-label="Close"><Icon name="close" size={16} /></button></div>
          {d.body}
        </div>
      )}
    </dialog>
  );
}

export interface Question {
  title: string; text: ComponentChildren; verb: string; action: Action; danger?: boolean; done: string;
}

/** Asks before something is done, and shows the command line that does the same. */
export function confirm(q: Question): void { show(q.title, <Confirm {...q} />); }

export function Confirm({ text, verb, action, danger = true, done }: Question) {
  const { run, busy, error } = useAction(action, done);
  return (
    <form onSubmit={(e) => { e.preventDefault(); run(); }}>
      <div class="dialog-text">{text}</div>
      <Cli line={action.cli} />
      {error && <p class="problem" role="alert">{error}</p>}
      <div class="dialog-actions">
        <button type="button" class="button" onClick={hide}>Cancel</button>
        <button type="submit" class={`button ${danger ? "danger" : "primary"}`} disabled={busy} autofocus>{busy ? "…" : verb}</button>
      </div>
    </form>
  );
}

export function useAction(action: Action, done: string): { run: () => void; busy: boolean; error: string | null } {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const run = (): void => {
    setBusy(true);
    setError(null);
    action.run().then(
      () => { hide(); say(done); },
      (e: unknown) => { setBusy(false); setError(e instanceof Error ? e.message : String(e)); },
    );
  };
  return { run, busy, error };
}
