import { effect, type ReadonlySignal, signal } from "@preact/signals";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";

/** The time in seconds, moving once a second while somebody looks. */
export const now = signal(Date.now() / 1000);
setInterval(() => { if (!document.hidden) now.value = Date.now() / 1000; }, 1000);

/**
 * Renders again when one of the signals changes, at most once per ms. What is long to compute must not be computed at
 * every change of a busy cluster.
 */
export function useChanges(ms: number, ...signals: ReadonlySignal<unknown>[]): number {
  const [n, set] = useState(0);
  useEffect(() => {
    let timer = 0, first = true, last = 0;
    const stop = effect(() => {
      for (const s of signals) void s.value;
      if (first) { first = false; return; }
      if (timer) return;
      const wait = Math.max(0, last + ms - performance.now());
      timer = window.setTimeout(() => { timer = 0; last = performance.now(); set((n) => n + 1); }, wait);
    });
    return () => { stop(); clearTimeout(timer); };
  }, []);
  return n;
}

export interface Loaded<T> { data: T | null; error: string | null; busy: boolean; again: () => void }

/** Loads when something of deps changes. What was there stays while the next is on its way. */
export function useLoad<T>(load: (signal: AbortSignal) => Promise<T | null>, deps: unknown[]): Loaded<T> {
  const [state, set] = useState<{ data: T | null; error: string | null; busy: boolean }>({ data: null, error: null, busy: true });
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    const stop = new AbortController();
    set((s) => ({ ...s, busy: true }));
    load(stop.signal).then(
      (data) => { if (!stop.signal.aborted) set({ data, error: null, busy: false }); },
      (e: unknown) => { if (!stop.signal.aborted) set((s) => ({ data: s.data, error: e instanceof Error ? e.message : String(e), busy: false })); },
    );
    return () => stop.abort();
  }, [...deps, turn]);
  return { ...state, again: useMemo(() => () => setTurn((t) => t + 1), []) };
}

/** Calls f again and again while somebody looks, never twice at a time. */
export function useTicks(f: (signal: AbortSignal) => Promise<void>, ms: number, deps: unknown[]): void {
  const latest = useRef(f);
  latest.current = f;
  useEffect(() => {
    const stop = new AbortController();
    let timer = 0;
    const turn = async (): Promise<void> => {
      if (!document.hidden) await latest.current(stop.signal).catch(() => undefined); // f says itself what went wrong
      if (!stop.signal.aborted) timer = window.setTimeout(() => void turn(), ms);
    };
    void turn();
    return () => { stop.abort(); clearTimeout(timer); };
  }, deps);
}

/** Whether the page is narrow, as a phone. */
const query = window.matchMedia("(max-width: 720px)");
export const narrow = signal(query.matches);
query.addEventListener("change", () => { narrow.value = query.matches; });
