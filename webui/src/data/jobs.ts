// Chronos's REST API, through the master: jobs, when they run, and what became of their runs; see actors/chronos.
import { type Action, getJSON, send, sub } from "./calls.ts";

export interface Job {
  name: string; command: string; arguments?: string[]; description?: string; owner?: string; schedule?: string; scheduleTimeZone?: string; parents?: string[]; epsilon: string;
  disabled: boolean; concurrent: boolean; retries: number; async: boolean; cpus: number; mem: number; disk: number; runAsUser?: string; maxCompletionTime?: number;
  container?: { image?: string }; constraints?: string[][]; environmentVariables?: { name: string; value: string }[];
  successCount: number; errorCount: number; errorsSinceLastSuccess: number; missedCount: number; lastSuccess: string; lastError: string;
  /** Of the summary: "idle", "queued" or "2 running"; and the next slot, "" for none. */
  state: string; next: string;
}

export interface Try { taskId: string; agentId: string; host: string; launched: string; started?: string; ended?: string; state: string; message?: string }

export interface Run {
  kind?: "run" | "after"; due: string; phase: string; attempt: number; tries?: Try[] | null; outcome?: "success" | "failure" | "killed" | "missed"; reason?: string;
  ended?: string; until?: string; count?: number;
}

const at = (framework: string): string => `framework/${encodeURIComponent(framework)}/v1/scheduler`;

export async function jobs(framework: string, signal: AbortSignal): Promise<Job[]> {
  const [list, summary] = await Promise.all([
    getJSON<Job[]>(`${at(framework)}/jobs`, signal), getJSON<{ jobs: { name: string; state: string; next?: string }[] }>(`${at(framework)}/jobs/summary`, signal),
  ]);
  const more = new Map(summary.jobs.map((j) => [j.name, j]));
  return list.map((j) => ({ ...j, state: more.get(j.name)?.state ?? "idle", next: more.get(j.name)?.next ?? "" }));
}

export interface OneJob { job: Job; children: Job[]; runs: Run[] }

/** A job, those that run after it, and its runs: the newest first, what has not ended before what has. */
export async function oneJob(framework: string, name: string, signal: AbortSignal): Promise<OneJob> {
  const [all, past] = await Promise.all([jobs(framework, signal), getJSON<{ runs: Run[] }>(`${at(framework)}/job/history/${encodeURIComponent(name)}`, signal)]);
  const job = all.find((j) => j.name === name);
  if (!job) throw new Error(`there is no job ${name}`);
  return { job, children: all.filter((j) => j.parents?.includes(name)), runs: past.runs.reverse() };
}

const job = (framework: string, name: string): string => `${at(framework)}/job/${encodeURIComponent(name)}`;

export const jobActions = {
  run: (framework: string, name: string): Action => ({ cli: sub("job", "run", name), run: () => send("PUT", job(framework, name)) }),
  kill: (framework: string, name: string): Action => ({ cli: sub("job", "kill", name), run: () => send("DELETE", `${at(framework)}/task/kill/${encodeURIComponent(name)}`) }),
  remove: (framework: string, name: string): Action => ({ cli: sub("job", "delete", name), run: () => send("DELETE", job(framework, name)) }),
  /** Sends the job as it is now, but for whether it is disabled. */
  disable: (framework: string, name: string, disabled: boolean): Action => ({
    cli: sub("job", disabled ? "disable" : "enable", name),
    run: async () => {
      const now = await getJSON<Job>(job(framework, name));
      return send("POST", `${at(framework)}/${now.parents?.length ? "dependency" : "iso8601"}`, { ...now, disabled });
    },
  }),
};

/** When a job runs, in words. */
export function when(j: Job): string {
  if (j.parents?.length) return `after ${j.parents.join(", ")}`;
  return [j.schedule, j.scheduleTimeZone].filter(Boolean).join(" ");
}
