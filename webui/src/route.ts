// Where the person is: the part of the address behind #, so that every view has a link that works elsewhere.
import { computed, signal } from "@preact/signals";

const hash = signal(location.hash);
window.addEventListener("hashchange", () => { hash.value = location.hash; window.scrollTo(0, 0); });

export interface Route { path: string[]; query: URLSearchParams }

export const route = computed<Route>(() => {
  const [path = "", query = ""] = hash.value.replace(/^#\/?/, "").split("?", 2);
  return { path: path.split("/").filter(Boolean).map(decode), query: new URLSearchParams(query) };
});

function decode(part: string): string {
  try { return decodeURIComponent(part); } catch { return part; }
}

/** The address of a view; parts may hold anything. */
export function href(path: (string | undefined)[], query: Record<string, string> = {}): string {
  const q = new URLSearchParams(Object.entries(query).filter(([, v]) => v !== "")).toString();
  return `#/${path.filter((p): p is string => p !== undefined).map(encodeURIComponent).join("/")}${q && `?${q}`}`;
}

export function go(to: string): void { location.hash = to; }

/** Changes the query of the address without a step in the history. */
export function setQuery(query: Record<string, string>): void {
  const r = route.peek();
  const now = Object.fromEntries(r.query);
  window.history.replaceState(null, "", href(r.path, { ...now, ...query }));
  hash.value = location.hash;
}

export const links = {
  task: (framework: string, id: string, tab?: string) => href(["tasks", framework, id, tab]),
  agent: (id: string) => href(["agents", id]),
  framework: (id: string) => href(["frameworks", id]),
  service: (framework: string, id: string) => href(["services", framework, id]),
  pod: (framework: string, id: string) => href(["pods", framework, id]),
  job: (framework: string, name: string) => href(["jobs", framework, name]),
  role: (role: string) => href(["roles", role]),
};
