// The frameworks that pages know more of: what keeps services and what keeps jobs.
import { href } from "../route.ts";
import type { Framework } from "./types.ts";

const is = (f: Framework, name: string): boolean => f.name.startsWith(name) && f.state !== "completed" && Boolean(f.url);

export const isMarathon = (f: Framework): boolean => is(f, "marathon");
export const isChronos = (f: Framework): boolean => is(f, "chronos");

/** The page of what a framework keeps; undefined for most. */
export function keeps(f: Framework): { name: string; to: string } | undefined {
  if (isMarathon(f)) return { name: "Services", to: href(["services"], { in: f.id }) };
  return isChronos(f) ? { name: "Jobs", to: href(["jobs"], { in: f.id }) } : undefined;
}
