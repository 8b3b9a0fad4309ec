// Dialogs: one at a time, with the browser's own <dialog> for focus and Escape.
//
// Keys may come faster than the browser tells of what it did: a dialog is open once the key that asked for it was
// handled, and word of the end of one (its close event, the answer to its action, the step to another view) never
// ends the one that came after it.
import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Action } from "../data/calls.ts";
import { Cli } from "./bits.tsx";
import { Icon } from "./icons.tsx";
import { say } from "./toast.tsx";

interface Shown { n: number; title: string; body: ComponentChildren; wide?: boolean; over: string }

const shown = signal<Shown | null>(null);
let count = 0;

export function show(title: string, body: ComponentChildren, wide = false): void { shown.value = { n: ++count, title, body, wide, over: location.hash }; }
export function hide(): void { shown.value = null; }

/** Whether keys belong to a dialog. Escape closes the element at once, and says so only later. */
export function dialogOpen(): boolean { return document.querySelector("dialog")?.open ?? false; }

export function Dialog() {
  const ref = useRef<HTMLDialogElement>(null);
  const opened = useRef<Shown | null>(null);
  const d = shown.value;
  useLayoutEffect(() => { // with the rendering, not after the next frame: what is typed next is meant for the dialog
    if (d && !ref.current?.open) ref.current?.showModal();
    if (!d && ref.current?.open) ref.current.close();
    opened.current = d;
  }, [d]);
  const closed = (): void => { if (!ref.current?.open && shown.peek() === opened.current) hide(); };
  useEffect(() => {
    const left = (): void => { if (shown.peek()?.over !== location.hash) hide(); };
    window.addEventListener("hashchange", left);
    return () => window.removeEventListener("hashchange", left);
  }, []);
  return (
    <dialog ref={ref} class={d?.wide ? "wide" : ""} onClose={closed} onClick={(e) => { if (e.target === ref.current) hide(); }} aria-labelledby="dialog-title">
      {d && (
        <div class="dialog-body" key={d.n}>
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
    const from = shown.peek();
    setBusy(true);
    setError(null);
    action.run().then(
      () => { if (shown.peek() === from) hide(); say(done); },
      (e: unknown) => { setBusy(false); setError(e instanceof Error ? e.message : String(e)); },
    );
  };
  return { run, busy, error };
}

/** An action after which the page reads again. */
export function then<A extends { cli: string; run: () => Promise<unknown> }>(a: A, again: () => void): A {
  return { ...a, run: async () => { const r = await a.run(); again(); return r; } };
}
