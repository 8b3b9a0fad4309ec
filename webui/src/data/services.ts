// Marathon's REST API, through the master: services, their deployments, and why instances wait; see actors/marathon/api.
import { type Action, getJSON, send, sub } from "./calls.ts";

export interface Health { alive: boolean; consecutiveFailures: number; lastFailureCause?: string | null }

export interface Instance {
  id: string; appId: string; host: string; slaveId: string; state: string; ports: number[]; version: string;
  stagedAt: string; startedAt?: string | null; healthCheckResults?: Health[];
}

export interface Failure { message: string; state: string; taskId: string; host: string; slaveId?: string; timestamp: string }

/** A definition as marathon has it; pages show what they know by name, and everything else as it is. */
export interface Definition {
  id: string; instances: number; cpus: number; mem: number; disk?: number; gpus?: number; cmd?: string | null; args?: string[] | null;
  container?: { docker?: { image?: string } } | null; labels?: Record<string, string>; env?: Record<string, unknown>; constraints?: string[][];
  dependencies?: string[]; healthChecks?: Record<string, unknown>[]; readinessChecks?: unknown[];
  upgradeStrategy?: { minimumHealthCapacity?: number; maximumOverCapacity?: number };
  version: string; versionInfo?: { lastScalingAt?: string; lastConfigChangeAt?: string };
}

export interface App extends Definition {
  tasksStaged: number; tasksRunning: number; tasksHealthy: number; tasksUnhealthy: number;
  deployments?: { id: string }[]; tasks?: Instance[]; lastTaskFailure?: Failure;
}

export interface Pod {
  id: string; status: string; instances: { id: string; status: string }[];
  spec: { version?: string; scaling?: { instances?: number }; containers?: { name: string; resources?: { cpus?: number; mem?: number } }[] };
}

export interface Step { actions: { action: string; app?: string; pod?: string }[] }

export interface Deployment {
  id: string; version: string; affectedApps: string[]; affectedPods: string[]; steps: Step[];
  currentActions: Step["actions"]; currentStep: number; totalSteps: number; awaitsPromotion?: boolean;
}

export interface Queued {
  app?: { id: string }; pod?: { id: string }; count: number; since: string; delay: { timeLeftSeconds: number; overdue: boolean };
  processedOffersSummary: { processedOffersCount: number; rejectSummaryLastOffers: { reason: string; declined: number; processed: number }[] };
}

/** An id without the slash that every one begins with, as addresses of pages hold it. */
export const bare = (id: string): string => id.replace(/^\//, "");

const path = (id: string): string => bare(id).split("/").map(encodeURIComponent).join("/");

const at = (framework: string): string => `framework/${encodeURIComponent(framework)}/v2`;

export interface Overview { apps: App[]; pods: Pod[]; deployments: Deployment[]; queue: Queued[] }

export async function overview(framework: string, signal: AbortSignal): Promise<Overview> {
  const [a, pods, deployments, q] = await Promise.all([
    getJSON<{ apps: App[] }>(`${at(framework)}/apps`, signal), getJSON<Pod[]>(`${at(framework)}/pods/::status`, signal),
    getJSON<Deployment[]>(`${at(framework)}/deployments`, signal), getJSON<{ queue: Queued[] }>(`${at(framework)}/queue`, signal),
  ]);
  return { apps: a.apps, pods, deployments, queue: q.queue };
}

export interface Service { app: App; versions: string[]; deployments: Deployment[]; queue: Queued | undefined }

export async function service(framework: string, id: string, signal: AbortSignal): Promise<Service> {
  const [a, v, deployments, q] = await Promise.all([
    getJSON<{ app: App }>(`${at(framework)}/apps/${path(id)}`, signal), getJSON<{ versions: string[] }>(`${at(framework)}/apps/${path(id)}/versions`, signal),
    getJSON<Deployment[]>(`${at(framework)}/deployments`, signal), getJSON<{ queue: Queued[] }>(`${at(framework)}/queue`, signal),
  ]);
  const named = `/${bare(id)}`;
  return { app: a.app, versions: v.versions, deployments: deployments.filter((d) => d.affectedApps.includes(named)), queue: q.queue.find((x) => x.app?.id === named) };
}

export const version = (framework: string, id: string, v: string, signal: AbortSignal) =>
  getJSON<Definition>(`${at(framework)}/apps/${path(id)}/versions/${encodeURIComponent(v)}`, signal);

/** The names of the events after which pages read again. */
export const events = [
  "event_stream_attached", "deployment_info", "deployment_success", "deployment_failed", "deployment_step_success", "deployment_step_failure", "status_update_event",
  "instance_changed_event", "instance_health_changed_event", "health_status_changed_event", "app_terminated_event", "unhealthy_instance_kill_event",
  "group_change_success", "api_post_event",
];

export const eventsOf = (framework: string): string => `${at(framework)}/events`;

/** A change of a service. While a deployment changes it already, only force helps: that deployment ends. */
function change(method: string, verb: string, framework: string, a: App, more: { words?: string[]; below?: string; body?: unknown } = {}): Action {
  const force = (a.deployments ?? []).length > 0;
  return {
    cli: sub("app", verb, ...(force ? ["--force"] : []), a.id, ...(more.words ?? [])),
    run: () => send(method, `${at(framework)}/apps/${path(a.id)}${more.below ?? ""}${force ? "?force=true" : ""}`, more.body),
  };
}

export const serviceActions = {
  scale: (framework: string, a: App, instances: number): Action => change("PUT", "scale", framework, a, { words: [String(instances)], body: { instances } }),
  restart: (framework: string, a: App): Action => change("POST", "restart", framework, a, { below: "/restart" }),
  revert: (framework: string, a: App, to: string): Action => change("PUT", "revert", framework, a, { words: [to], body: { version: to } }),
  remove: (framework: string, a: App): Action => change("DELETE", "remove", framework, a),
  promote: (framework: string, deployment: string): Action => ({
    cli: sub("app", "promote", deployment), run: () => send("POST", `${at(framework)}/deployments/${encodeURIComponent(deployment)}/promote`),
  }),
  stop: (framework: string, deployment: string): Action => ({
    cli: sub("app", "rollback", deployment), run: () => send("DELETE", `${at(framework)}/deployments/${encodeURIComponent(deployment)}`),
  }),
  now: (framework: string, id: string): Action => ({ cli: sub("app", "retry", id), run: () => send("DELETE", `${at(framework)}/queue/${path(id)}/delay`) }),
};

const said: Record<string, string> = {
  UnfulfilledRole: "resources of another role", UnfulfilledConstraint: "its constraints rule the agent out", NoCorrespondingReservationFound: "nothing is reserved for it there",
  InsufficientCpus: "not enough cpus", InsufficientMemory: "not enough memory", InsufficientDisk: "not enough disk", InsufficientGpus: "not enough gpus", InsufficientPorts: "the ports are not free",
};

/** Why instances wait, most agents first. */
export function reasons(q: Queued): { text: string; agents: number }[] {
  return q.processedOffersSummary.rejectSummaryLastOffers.filter((r) => r.declined > 0)
    .map((r) => ({ text: said[r.reason] ?? r.reason, agents: r.declined })).sort((a, b) => b.agents - a.agents);
}

/** Reasons in one line. */
export function whyWaits(q: Queued): string {
  if (q.delay.timeLeftSeconds > 0) return `it failed, and is launched again in ${q.delay.timeLeftSeconds} s`;
  return reasons(q).map((r) => `${r.text} (${r.agents} ${r.agents === 1 ? "agent" : "agents"})`).join(", ") || "no offer has come yet";
}

/** "Scale /web": an action as people say it. */
export const actionText = (a: Step["actions"][number]): string => `${a.action.replace(/(Application|Pod)$/, "")} ${a.app ?? a.pod ?? ""}`;
