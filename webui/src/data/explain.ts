// Why something waits, in the master's words; see actors/master/explain.
import { getJSON } from "./calls.ts";
import type { Amounts } from "./types.ts";

export interface Reason {
  reason: string; agents?: number; hostname?: string; agent_id?: string; until?: string; text?: string;
  missing?: Record<string, number>; roles?: { role: string; share: number }[];
}
export interface Hoarder { framework_id: string; name: string; offers: number; oldest_age_seconds: number; resources: Amounts }
export interface Explanation {
  summary: string[];
  roles?: {
    role: string; share: number; suppressed: boolean; offers_made: number; last_offered?: string; filters: number;
    needs: Record<string, number>[] | null; why_not_more: Reason[] | null;
  }[];
  obstacles?: { reason: string; agents: number; text: string; nearest?: { hostname: string; agent_id: string; missing?: Record<string, number>; detail?: string }[] }[] | null;
  why_not?: { reason: string; frameworks: number; framework_id: string; role: string; until?: string }[] | null;
  holders?: { framework_id: string; name: string; role: string; resources: Amounts; offered: Amounts; offer_age_seconds: number }[] | null;
  hoarders?: Hoarder[] | null;
  agents_that_fit?: number; agents?: number; fits_on?: { agent_id: string; hostname: string }[] | null;
  guarantees?: Record<string, number>; limits?: Record<string, number>; lacks?: Record<string, number>;
}

export type Kind = "framework" | "role" | "agent";

export const explain = (kind: Kind, id: string, signal?: AbortSignal) =>
  getJSON<Explanation>(`explain/${kind}/${kind === "role" ? id.split("/").map(encodeURIComponent).join("/") : encodeURIComponent(id)}`, signal);

export const explainNeed = (q: URLSearchParams, signal?: AbortSignal) => getJSON<Explanation>(`explain/request?${q}`, signal);
