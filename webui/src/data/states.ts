// What the states of tasks mean to a person.

export type Tone = "good" | "busy" | "bad" | "warn" | "done" | "off";

interface Meaning { name: string; tone: Tone; ends?: boolean; says: string }

export const states: Record<string, Meaning> = {
  TASK_STAGING: { name: "staging", tone: "busy", says: "The master sent it to its agent, and its executor does not run it yet." },
  TASK_STARTING: { name: "starting", tone: "busy", says: "Its executor has it and starts it." },
  TASK_RUNNING: { name: "running", tone: "good", says: "It runs." },
  TASK_KILLING: { name: "killing", tone: "warn", says: "It was told to end, and has until the end of its grace period." },
  TASK_UNREACHABLE: { name: "unreachable", tone: "warn", says: "Its agent does not answer. It may run on, and may come back with its agent." },
  TASK_UNKNOWN: { name: "unknown", tone: "off", says: "The master knows nothing of it." },
  TASK_FINISHED: { name: "finished", tone: "done", ends: true, says: "It ended well." },
  TASK_KILLED: { name: "killed", tone: "done", ends: true, says: "It was killed on request." },
  TASK_FAILED: { name: "failed", tone: "bad", ends: true, says: "It ended with an error, or was ended for one." },
  TASK_ERROR: { name: "error", tone: "bad", ends: true, says: "What its framework asked for is not valid." },
  TASK_LOST: { name: "lost", tone: "bad", ends: true, says: "Nobody knows how it ended." },
  TASK_DROPPED: { name: "dropped", tone: "bad", ends: true, says: "It never started: its launch did not reach the agent, or was refused." },
  TASK_GONE: { name: "gone", tone: "bad", ends: true, says: "Its agent is gone, and it with it." },
  TASK_GONE_BY_OPERATOR: { name: "gone by operator", tone: "bad", ends: true, says: "An operator gave its agent up." },
};

export const stateOrder = Object.keys(states);

export function meaning(state: string): Meaning {
  return states[state] ?? { name: state.replace(/^TASK_/, "").toLowerCase().replaceAll("_", " "), tone: "off", says: "" };
}

export function ends(state: string): boolean { return meaning(state).ends === true; }

export const agentTone: Record<string, Tone> = { active: "good", draining: "warn", drained: "off", deactivated: "off", disconnected: "bad" };
export const frameworkTone: Record<string, Tone> = { active: "good", inactive: "off", disconnected: "bad", recovered: "warn", completed: "done" };
