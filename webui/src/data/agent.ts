// What pages read of an agent, through the master: files, and what containers use.
import { getJSON } from "./calls.ts";
import type { Task } from "./types.ts";

export interface Entry { path: string; mode: string; size: number; mtime: number; uid: string; nlink: number }

const base = (agent: string): string => `agent/${encodeURIComponent(agent)}`;

export const files = {
  browse: (agent: string, path: string, signal?: AbortSignal) => getJSON<Entry[]>(`${base(agent)}/files/browse?path=${encodeURIComponent(path)}`, signal),
  read: (agent: string, path: string, offset: number, length: number, signal?: AbortSignal) =>
    getJSON<{ data: string; offset: number }>(`${base(agent)}/files/read?path=${encodeURIComponent(path)}&offset=${offset}&length=${length}`, signal),
  download: (agent: string, path: string) => `${base(agent)}/files/download?path=${encodeURIComponent(path)}`,
};

export interface Statistics {
  timestamp: number; cpus_user_time_secs?: number; cpus_system_time_secs?: number; cpus_limit?: number;
  mem_rss_bytes?: number; mem_total_bytes?: number; mem_limit_bytes?: number;
  net_rx_bytes?: number; net_tx_bytes?: number;
  blkio_statistics?: unknown; disk_used_bytes?: number; disk_limit_bytes?: number;
  disk_read_bytes?: number; disk_write_bytes?: number;
}

export interface Container {
  container_id: string; framework_id?: string; executor_id?: string; executor_name?: string; source?: string;
  statistics?: Statistics; status?: { executor_pid?: number };
}

export const containers = (agent: string, signal?: AbortSignal) => getJSON<Container[]>(`${base(agent)}/containers`, signal);

/** The sandbox of a task as the agent's files name it. A command task is its own executor. */
export function sandbox(t: Task, containerID?: ContainerID): string {
  const inner: string[] = [];
  for (let c = containerID; c?.parent; c = c.parent) inner.unshift(`/containers/${c.value}`);
  return `/frameworks/${t.framework}/executors/${t.executor || t.id}/runs/latest${inner.join("")}`;
}

export interface ContainerID { value: string; parent?: ContainerID }

/** "A.B", as the terminal's address wants it. */
export function containerName(c: ContainerID): string { return c.parent ? `${containerName(c.parent)}.${c.value}` : c.value; }

/** A v1 Task, as far as pages show it. */
export interface Details {
  name: string; task_id: { value: string }; user?: string;
  statuses?: {
    state: string; timestamp?: number; message?: string; reason?: string; source?: string; healthy?: boolean;
    container_status?: { container_id?: ContainerID; network_infos?: { ip_addresses?: { ip_address?: string }[] }[]; executor_pid?: number };
  }[];
  labels?: { labels?: { key: string; value?: string }[] };
  resources?: { name: string; type: string; scalar?: { value: number }; ranges?: { range?: { begin: number; end: number }[] }; reservations?: { role?: string }[]; disk?: { persistence?: { id: string }; volume?: { container_path: string } } }[];
  discovery?: { name?: string; visibility?: string; ports?: { ports?: { number: number; name?: string; protocol?: string }[] } };
  container?: { type?: string; docker?: { image: string }; mesos?: { image?: { docker?: { name: string } } }; tty_info?: unknown };
  health_check?: { type?: string; command?: { value?: string }; http?: { port?: number; path?: string }; tcp?: { port?: number }; interval_seconds?: number };
  kill_policy?: { grace_period?: { nanoseconds: number } };
}

export const details = (framework: string, task: string, signal?: AbortSignal) =>
  getJSON<Details>(`live/task?framework=${encodeURIComponent(framework)}&task=${encodeURIComponent(task)}`, signal);
