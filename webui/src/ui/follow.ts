// What is read again whenever something is told of it, and now and then besides.
import { useEffect, useRef, useState } from "preact/hooks";
import type { Loaded } from "./hooks.ts";

/** The least time from one read to the next, in ms; a read that takes long is given three times as much. */
const gap = 250;

interface Follow<T> {
  load: (signal: AbortSignal) => Promise<T>;
  /** Calls ring whenever something may have changed, until what it returned is called. */
  listen: (ring: () => void) => () => void;
  /** After how many ms it is read again though nothing was told. */
  beat: (data: T | null) => number;
}

/** Reads while the page is looked at, never twice at a time. */
export function useFollow<T>(f: Follow<T>, deps: unknown[]): Loaded<T> {
  const [state, set] = useState<{ data: T | null; error: string | null; busy: boolean }>({ data: null, error: null, busy: true });
  const again = useRef<() => void>(() => undefined);
  useEffect(() => {
    const stop = new AbortController();
    let timer = 0, told = false, reading = false, rest = 0;
    const later = (ms: number): void => { clearTimeout(timer); timer = window.setTimeout(() => void turn(), ms); };
    const turn = async (): Promise<void> => {
      if (document.hidden) { later(1000); return; }
      told = false;
      reading = true;
      const begun = performance.now();
      let data: T | null = null;
      try {
        data = await f.load(stop.signal);
        if (!stop.signal.aborted) set({ data, error: null, busy: false });
      } catch (e) {
        if (!stop.signal.aborted) set((s) => ({ data: s.data, error: e instanceof Error ? e.message : String(e), busy: false }));
      }
      reading = false;
      if (stop.signal.aborted) return;
      rest = performance.now() + Math.max(gap, 3 * (performance.now() - begun));
      later(told ? rest - performance.now() : f.beat(data));
    };
    const ring = (): void => {
      if (told) return;
      told = true;
      if (!reading) later(Math.max(0, rest - performance.now()));
    };
    again.current = () => { rest = 0; told = false; ring(); };
    const deaf = f.listen(ring);
    void turn();
    return () => { stop.abort(); clearTimeout(timer); deaf(); };
  }, deps);
  return { ...state, again: () => again.current() };
}

/** Rings for every event of a stream with one of these names, and opens it again for as long as it is listened to. */
export function listenTo(url: string, names: string[], ring: () => void): () => void {
  let source: EventSource | null = null, timer = 0, over = false;
  const open = (): void => {
    source = new EventSource(url);
    for (const name of names) source.addEventListener(name, ring);
    source.onerror = () => {
      if (over || source?.readyState !== EventSource.CLOSED) return; // the browser tries again by itself
      timer = window.setTimeout(open, 2000);
    };
  };
  open();
  return () => { over = true; clearTimeout(timer); source?.close(); };
}
