// The rows that the master sends; see actors/master/live. Times are seconds since 1970.

export interface Amounts { cpus?: number; mem?: number; disk?: number; gpus?: number }

export interface Task {
  id: string; name: string; framework: string; agent: string; executor?: string; role: string; state: string;
  res: Amounts; holds?: boolean; past?: boolean; started?: number; since?: number; healthy?: boolean; message?: string;
}

export interface Span { from: number; seconds?: number }

export interface Agent {
  id: string; hostname: string; pid: string; version: string;
  state: "active" | "disconnected" | "deactivated" | "draining" | "drained"; mark_gone?: boolean;
  res: Amounts; ports?: string; reserved?: Record<string, Amounts>; attributes?: Record<string, string>;
  region?: string; zone?: string; registered: number; down?: Span;
}

export interface Framework {
  id: string; name: string; user: string; principal?: string; hostname?: string; url?: string;
  roles: string[] | null; suppressed?: string[]; capabilities?: string[];
  state: "active" | "inactive" | "disconnected" | "recovered" | "completed";
  checkpoint?: boolean; failover?: number; registered: number; unregistered?: number;
  sent: number; accepted: number; declined: number; rescinded: number;
}

export interface Offer { id: string; framework: string; agent: string; role?: string; made?: number; res: Amounts; inverse?: Span }

export interface Executor { id: string; name?: string; framework: string; agent: string; role?: string; res: Amounts }

export interface Quota { guarantees?: Record<string, number>; limits?: Record<string, number> }

export interface Settings { weights: Record<string, number>; quotas: Record<string, Quota> }

export interface Master {
  id: string; pid: string; hostname: string; cluster?: string; version: string; revision?: string; elected: number;
  unreachable?: number; missing?: string[]; missing_more?: number; standbys?: string[];
}

export interface Change {
  master?: Master; settings?: Settings;
  agents?: Agent[]; agents_gone?: string[];
  frameworks?: Framework[]; frameworks_gone?: string[];
  tasks?: Task[]; tasks_gone?: [string, string][];
  offers?: Offer[]; offers_gone?: string[];
  executors?: Executor[]; executors_gone?: [string, string, string][];
}

export interface Columns { cpus: number[] | null; mem: number[] | null; disk: number[] | null; gpus: number[] | null }

/** All that the first page shows until the rows are there. */
export interface Summary {
  agents: Record<string, number>; versions: Record<string, number>; tasks: Record<string, number>; live: number;
  total: Amounts; used: Amounts; offered: Amounts;
}

/** The first line of a picture; the others hold rows. */
export interface First {
  last: string; history_seconds: number; summary: Summary; master: Master; settings: Settings; frameworks: Framework[] | null;
  history: { times: number[] | null; total: Columns; used: Columns; offered: Columns };
}

export const kinds = ["cpus", "mem", "disk", "gpus"] as const;
export type Kind = (typeof kinds)[number];
