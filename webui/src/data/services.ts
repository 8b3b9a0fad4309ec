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

export interface PodContainer { name: string; status: string; statusSince: string; message?: string; containerId: string; endpoints?: { name: string; allocatedHostPort?: number }[] }

export interface PodInstance { id: string; status: string; statusSince: string; agentHostname?: string; agentId?: string; specReference?: string; containers: PodContainer[] }

/** A container of a pod's definition. */
export interface PodPart {
  name: string; exec?: { command?: { shell?: string; argv?: string[] } }; image?: { id?: string }; resources?: { cpus?: number; mem?: number; disk?: number; gpus?: number };
  endpoints?: { name: string; hostPort?: number; containerPort?: number }[]; environment?: Record<string, unknown>;
}

export interface PodSpec {
  version?: string; scaling?: { kind?: string; instances?: number }; containers?: PodPart[]; networks?: { mode: string; name?: string }[];
  volumes?: { name: string }[]; environment?: Record<string, unknown>; labels?: Record<string, string>;
}

export interface Pod { id: string; status: string; instances: PodInstance[]; spec: PodSpec }

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

export interface OnePod { pod: Pod; versions: string[]; deployments: Deployment[]; queue: Queued | undefined }

export async function onePod(framework: string, id: string, signal: AbortSignal): Promise<OnePod> {
  const [pod, versions, deployments, q] = await Promise.all([
    getJSON<Pod>(`${at(framework)}/pods/${path(id)}::status`, signal), getJSON<string[]>(`${at(framework)}/pods/${path(id)}::versions`, signal),
    getJSON<Deployment[]>(`${at(framework)}/deployments`, signal), getJSON<{ queue: Queued[] }>(`${at(framework)}/queue`, signal),
  ]);
  const named = `/${bare(id)}`;
  return { pod, versions, deployments: deployments.filter((d) => d.affectedPods.includes(named)), queue: q.queue.find((x) => x.pod?.id === named) };
}

/** What a container of a pod runs, in one line. */
export const runsIn = (c: PodPart): string => (c.exec?.command?.shell ?? c.exec?.command?.argv?.join(" ") ?? c.image?.id ?? "").trim().replace(/\s*\n[^]*/, " …");

/** What actions are done with: an app or a pod. While a deployment changes it already, only force helps: that deployment ends. */
export interface Target { id: string; pod: boolean; instances: number; deploying: boolean }

export const appTarget = (a: App): Target => ({ id: a.id, pod: false, instances: a.instances, deploying: (a.deployments ?? []).length > 0 });
export const podTarget = (p: Pod, deployments: Deployment[]): Target => ({ id: p.id, pod: true, instances: p.spec.scaling?.instances ?? 1, deploying: deployments.length > 0 });

const where = (framework: string, t: Target): string => `${at(framework)}/${t.pod ? "pods" : "apps"}/${path(t.id)}`;

/** A definition as it was; of pods, too. */
export const version = (framework: string, t: Target, v: string, signal?: AbortSignal) =>
  getJSON<Record<string, unknown>>(`${where(framework, t)}${t.pod ? "::versions" : "/versions"}/${encodeURIComponent(v)}`, signal);

/** The ids of all services, for the search. */
export async function names(framework: string, signal: AbortSignal): Promise<{ apps: App[]; pods: PodSpecWithID[] }> {
  const [a, pods] = await Promise.all([getJSON<{ apps: App[] }>(`${at(framework)}/apps`, signal), getJSON<PodSpecWithID[]>(`${at(framework)}/pods`, signal)]);
  return { apps: a.apps, pods };
}

export interface PodSpecWithID extends PodSpec { id: string }

/** The names of the events after which pages read again. */
export const events = [
  "event_stream_attached", "deployment_info", "deployment_success", "deployment_failed", "deployment_step_success", "deployment_step_failure", "status_update_event",
  "instance_changed_event", "instance_health_changed_event", "health_status_changed_event", "app_terminated_event", "unhealthy_instance_kill_event",
  "group_change_success", "api_post_event",
];

export const eventsOf = (framework: string): string => `${at(framework)}/events`;

function change(method: string, verb: string, framework: string, t: Target, more: { words?: string[]; below?: string; body?: () => unknown } = {}): Action {
  return {
    cli: sub("app", verb, ...(t.deploying ? ["--force"] : []), t.id, ...(more.words ?? [])),
    run: async () => send(method, `${where(framework, t)}${more.below ?? ""}${t.deploying ? "?force=true" : ""}`, await more.body?.()),
  };
}

/** A pod is changed by all of its definition. */
function without(spec: Record<string, unknown>): Record<string, unknown> { const { version: _, ...rest } = spec; return rest; }

export const serviceActions = {
  scale: (framework: string, t: Target, instances: number): Action => change("PUT", "scale", framework, t, {
    words: [String(instances)],
    body: async () => (t.pod ? { ...without(await getJSON<Record<string, unknown>>(where(framework, t))), scaling: { kind: "fixed", instances } } : { instances }),
  }),
  restart: (framework: string, t: Target): Action => change("POST", "restart", framework, { ...t, pod: false }, { below: "/restart" }), // one path for both
  revert: (framework: string, t: Target, to: string): Action => change("PUT", "revert", framework, t, {
    words: [to], body: async () => (t.pod ? without(await version(framework, t, to)) : { version: to }),
  }),
  remove: (framework: string, t: Target): Action => change("DELETE", "remove", framework, t),
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
