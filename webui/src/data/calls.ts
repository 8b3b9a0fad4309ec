// What the pages ask of the master beside the feed, and what an operator can have done. Every action knows the command
// line that does the same.

/** An answer that is no success, in the words of who gave it. */
export class Refused extends Error {
  constructor(readonly code: number, text: string) { super(text); }
}

async function answered(r: Response): Promise<Response> {
  if (r.ok) return r;
  const text = inWords((await r.text().catch(() => "")).trim());
  throw new Refused(r.status, text || `the answer was HTTP ${r.status} ${r.statusText}`);
}

interface Told { message?: string; details?: { path?: string; errors?: string[] }[] }

/** What frameworks answer as JSON, a line for each field that is wrong; what is none stays as it is. */
function inWords(text: string): string {
  if (!text.startsWith("{")) return text;
  try {
    const told = JSON.parse(text) as Told;
    const fields = (Array.isArray(told.details) ? told.details : []).map((d) => `${d.path ?? ""}: ${(d.errors ?? []).join(", ")}`);
    return told.message ? [told.message, ...fields].join("; ") : text;
  } catch {
    return text;
  }
}

async function ask(path: string, init?: RequestInit): Promise<Response> {
  let r: Response;
  try {
    r = await fetch(path, { ...init, signal: init?.signal ?? AbortSignal.timeout(40_000) });
  } catch (e) {
    if (e instanceof DOMException && e.name === "AbortError") throw e;
    throw new Error(e instanceof DOMException && e.name === "TimeoutError" ? "no answer came in time" : "the master cannot be reached");
  }
  return answered(r);
}

export async function getJSON<T>(path: string, signal?: AbortSignal): Promise<T> {
  return (await (await ask(path, signal ? { signal } : undefined)).json()) as T;
}

/** A call of the operator API. */
export async function call<T = void>(type: string, part: Record<string, unknown> = {}): Promise<T> {
  const r = await ask("api/v1", {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json" },
    body: JSON.stringify({ type, ...part }),
  });
  const text = await r.text();
  return (text ? JSON.parse(text) : undefined) as T;
}

/** A change asked for with JSON. */
export function send(method: string, path: string, body?: unknown): Promise<Response> {
  return ask(path, { method, headers: { "Content-Type": "application/json" }, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
}

function form(path: string, fields: Record<string, string>): Promise<Response> {
  return ask(path, { method: "POST", body: new URLSearchParams(fields) });
}

// The command line needs no --master where it finds this one by itself.
function at(): string { return location.host === "127.0.0.1:5050" ? "" : ` --master=${location.host}`; }

/** A word of a command line as a shell takes it. */
export function quote(word: string): string {
  return /^[A-Za-z0-9._\/:@%+=,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

function mesos(...words: string[]): string { return `mesos ${words[0]}${at()} ${words.slice(1).map(quote).join(" ")}`.trim(); }
export function sub(command: string, verb: string, ...words: string[]): string { return `mesos ${command} ${verb}${at()} ${words.map(quote).join(" ")}`.trim(); }

export interface Action { cli: string; run: () => Promise<unknown> }

export const actions = {
  kill: (framework: string, task: string): Action => ({
    cli: mesos("kill", `--framework=${framework}`, task),
    run: () => form("tasks/kill", { frameworkId: framework, taskId: task }),
  }),
  teardown: (framework: string): Action => ({
    cli: sub("framework", "teardown", framework),
    run: () => form("teardown", { frameworkId: framework }),
  }),
  rescind: (offer: string): Action => ({
    cli: sub("offer", "rescind", offer),
    run: () => form("offers/rescind", { offerId: offer }),
  }),
  drain: (agent: string, seconds: number | null, markGone: boolean): Action => ({
    cli: sub("agent", "drain", ...(seconds === null ? [] : [`--deadline=${seconds}s`]), ...(markGone ? ["--mark-gone"] : []), agent),
    run: () => call("DRAIN_AGENT", {
      drain_agent: { agent_id: { value: agent }, mark_gone: markGone, ...(seconds === null ? {} : { max_grace_period: { seconds } }) },
    }),
  }),
  deactivate: (agent: string): Action => ({
    cli: sub("agent", "deactivate", agent),
    run: () => call("DEACTIVATE_AGENT", { deactivate_agent: { agent_id: { value: agent } } }),
  }),
  reactivate: (agent: string): Action => ({
    cli: sub("agent", "reactivate", agent),
    run: () => call("REACTIVATE_AGENT", { reactivate_agent: { agent_id: { value: agent } } }),
  }),
};

/** Command lines that show what a page shows. */
export const shows = {
  tasks: () => mesos("ps"),
  agents: () => mesos("agents"),
  frameworks: () => mesos("frameworks"),
  logs: (task: string, file: string) => mesos("logs", "-f", task, ...(file === "stdout" ? [] : [file])),
  exec: (task: string) => mesos("exec", "-it", task, "--", "sh"),
  attach: (task: string) => mesos("attach", task),
  explain: (kind: string, id: string) => sub("explain", kind, id),
  request: (words: string[]) => sub("explain", "request", ...words),
  maintenance: () => sub("maintenance", "status"),
  offers: () => sub("offer", "list"),
  roles: () => sub("role", "list"),
  role: (role: string) => sub("role", "show", role),
  quota: (role: string, limits: Record<string, number>) => sub("quota", "set", role, ...Object.entries(limits).map(([k, v]) => `${k}=${v}`)),
  services: () => sub("app", "list"),
  service: (id: string) => sub("app", "history", id),
  jobs: () => sub("job", "list"),
  job: (name: string) => sub("job", "history", name),
  weight: (role: string, weight: number) => sub("weight", "set", `${role}=${weight}`),
};

/** The id of a machine in the maintenance schedule. */
export interface Machine { hostname?: string; ip?: string }
export interface Windows { machine_ids: Machine[]; unavailability: { start: { nanoseconds: number }; duration?: { nanoseconds: number } } }

export const machineName = (m: Machine): string => [m.hostname ?? "", m.ip ?? ""].join("/");

export const maintenance = {
  schedule: async (): Promise<Windows[]> =>
    (await call<{ get_maintenance_schedule?: { schedule?: { windows?: Windows[] } } }>("GET_MAINTENANCE_SCHEDULE")).get_maintenance_schedule?.schedule?.windows ?? [],
  status: async () =>
    (await call<{ get_maintenance_status?: { status?: Status } }>("GET_MAINTENANCE_STATUS")).get_maintenance_status?.status ?? {},
  plan: (machines: Machine[], inSeconds: number, forSeconds: number): Action => ({
    cli: sub("maintenance", "schedule", ...machines.map(machineName), `--in=${inSeconds}s`, ...(forSeconds ? [`--for=${forSeconds}s`] : [])),
    run: async () => {
      const windows = await maintenance.schedule();
      const start = Math.round(Date.now() + inSeconds * 1000) * 1e6;
      windows.push({ machine_ids: machines, unavailability: { start: { nanoseconds: start }, ...(forSeconds ? { duration: { nanoseconds: forSeconds * 1e9 } } : {}) } });
      return call("UPDATE_MAINTENANCE_SCHEDULE", { update_maintenance_schedule: { schedule: { windows } } });
    },
  }),
  cancel: (m: Machine): Action => ({
    cli: sub("maintenance", "cancel", machineName(m)),
    run: async () => {
      const windows = (await maintenance.schedule())
        .map((w) => ({ ...w, machine_ids: w.machine_ids.filter((o) => machineName(o) !== machineName(m)) }))
        .filter((w) => w.machine_ids.length > 0);
      return call("UPDATE_MAINTENANCE_SCHEDULE", { update_maintenance_schedule: { schedule: { windows } } });
    },
  }),
  down: (m: Machine): Action => ({ cli: sub("maintenance", "down", machineName(m)), run: () => call("START_MAINTENANCE", { start_maintenance: { machines: [m] } }) }),
  up: (m: Machine): Action => ({ cli: sub("maintenance", "up", machineName(m)), run: () => call("STOP_MAINTENANCE", { stop_maintenance: { machines: [m] } }) }),
};

export interface Status {
  draining_machines?: { id: Machine; statuses?: { framework_id?: { value: string }; status?: string }[] }[];
  down_machines?: Machine[];
}
