// The connection to the master: one picture, then what changes. When the master is gone it looks for the one that leads,
// here or at the masters that stood by, and goes on there.
import { batch, signal } from "@preact/signals";
import { lines } from "./lines.ts";
import { apply, begin, fill, finish, master } from "./store.ts";
import type { Change, First, Master } from "./types.ts";

export type Link =
  | { is: "opening" }
  | { is: "live" }
  | { is: "paused" } // nobody looks at the page
  | { is: "lost"; since: number; why: string };

export const link = signal<Link>({ is: "opening" });

/** Without a word for so long the master is taken for lost, in ms; it beats every 15 s. */
const silence = 35_000;
/** A page that nobody looks at lets go of its connection after this, in ms: browsers have few for one master. */
const idle = 30_000;

let last = "";
let source: EventSource | null = null;
let watchdog = 0;
let busy = false;

function alive(): void {
  clearTimeout(watchdog);
  watchdog = window.setTimeout(() => lose("it has not said anything for a while"), silence);
}

async function picture(): Promise<void> {
  const answer = await fetch("live/state", { signal: AbortSignal.timeout(30_000) });
  if (!answer.ok || !answer.body) throw new Error((await answer.text()).trim() || `HTTP ${answer.status}`);
  performance.clearMarks(); // they are for who measures
  let first: First | null = null, whole = false;
  const again = master.peek() !== null; // what is shown stays until all is there to take its place
  const parts: Change[] = [];
  for await (const line of lines(answer.body)) {
    if (!first) {
      first = JSON.parse(line) as First;
      if (again) continue;
      begin(first);
      performance.mark("summed");
      requestAnimationFrame(() => performance.mark("shown"));
      continue;
    }
    const part = JSON.parse(line) as Change & { end?: boolean };
    if (part.end) whole = true;
    else if (again) parts.push(part);
    else fill(part);
  }
  if (!first || !whole) throw new Error("the picture of the cluster broke off");
  const now = first;
  batch(() => {
    if (again) begin(now);
    parts.forEach(fill);
    finish();
  });
  performance.mark("whole");
  last = now.last;
}

function listen(): void {
  source?.close();
  const es = new EventSource(`live/changes?after=${encodeURIComponent(last)}`);
  source = es;
  alive();
  es.onopen = () => { link.value = { is: "live" }; alive(); };
  es.onmessage = (e: MessageEvent<string>) => {
    alive();
    last = e.lastEventId;
    apply(JSON.parse(e.data) as Change);
  };
  es.addEventListener("beat", alive);
  es.addEventListener("restart", () => { es.close(); last = ""; void open(); });
  es.onerror = () => { if (source === es) lose("the connection broke"); };
}

/** Gets a picture if there is none to go on from, and listens. */
export async function open(): Promise<void> {
  if (busy) return;
  busy = true;
  try {
    if (last === "") await picture();
    listen();
  } catch (e) {
    busy = false;
    lose(e instanceof Error ? e.message : String(e));
    return;
  }
  busy = false;
}

function stop(): void {
  source?.close();
  source = null;
  clearTimeout(watchdog);
}

let seeking = false;

function lose(why: string): void {
  stop();
  if (link.value.is !== "lost") link.value = { is: "lost", since: Date.now(), why };
  if (!seeking) void seek();
}

interface Answer { leads: boolean; leader: string }

async function ask(at: string): Promise<Answer | null> {
  try {
    const r = await fetch(`${at}live/leader`, { cache: "no-store", signal: AbortSignal.timeout(2000), credentials: "omit" });
    return r.ok ? ((await r.json()) as Answer) : null;
  } catch {
    return null;
  }
}

/** Asks all who may know, until somebody leads. */
async function seek(): Promise<void> {
  seeking = true;
  for (let pause = 250; link.value.is === "lost"; pause = Math.min(2000, pause * 1.5)) {
    await new Promise((done) => setTimeout(done, pause));
    const others = (master.value?.standbys ?? []).map((m) => `http://${m}/`);
    const answers = await Promise.all(["", ...others].map(ask));
    if (answers[0]?.leads) {
      await open(); // it goes on where it was, or the master says that it cannot
      if (source) break;
      continue;
    }
    const leader = answers.find((a) => a?.leader)?.leader;
    if (leader && answers.some((a, i) => i > 0 && a?.leads) || leader && answers[0]) {
      follow(leader!);
      break;
    }
  }
  seeking = false;
}

/** Goes to the same page at another master. Only an address may come of what it said. */
function follow(leader: string): void {
  if (!/^[A-Za-z0-9._[\]:-]+$/.test(leader) || leader === location.host) return;
  location.assign(`${location.protocol}//${leader}/${location.hash}`);
}

/** Where a person can look for the cluster, should nobody answer. */
export function others(m: Master | null): string[] { return m?.standbys ?? []; }

let hiding = 0;

export function watchVisibility(): void {
  document.addEventListener("visibilitychange", () => {
    clearTimeout(hiding);
    if (document.hidden) {
      hiding = window.setTimeout(() => {
        if (link.value.is !== "live") return;
        stop();
        link.value = { is: "paused" };
      }, idle);
    } else if (link.value.is === "paused") {
      link.value = { is: "opening" };
      void open();
    }
  });
}
