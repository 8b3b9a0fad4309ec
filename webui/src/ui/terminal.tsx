// A terminal beside a task. The emulator is loaded when the first one is opened.
import { useEffect, useRef, useState } from "preact/hooks";
import { Problem } from "./bits.tsx";

interface Ending { ended?: boolean; status?: number; error?: string }

export function Terminal({ agent, container, attach, command = "" }: { agent: string; container: string; attach: boolean; command?: string }) {
  const ref = useRef<HTMLDivElement>(null);
  const [end, setEnd] = useState<Ending | null>(null);
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    let stop = (): void => undefined, gone = false;
    setEnd(null);
    void import("./xterm.ts").then(({ connect }) => {
      if (gone || !ref.current) return;
      const url = new URL(`agent/${encodeURIComponent(agent)}/terminal`, document.baseURI);
      url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
      url.hash = "";
      url.search = new URLSearchParams({ container, ...(attach ? { attach: "1" } : {}), ...(command ? { command } : {}) }).toString();
      stop = connect(ref.current, url.href, setEnd);
    }, (e: unknown) => setEnd({ error: `the terminal could not be loaded: ${String(e)}` }));
    return () => { gone = true; stop(); };
  }, [agent, container, attach, command, turn]);
  return (
    <div class="terminal-box">
      <div class="terminal-screen" ref={ref} aria-label="Terminal" />
      {end && (
        <div class="terminal-end" role="status">
          {end.error ? <Problem text={end.error} /> : <span>The session has ended{end.status !== undefined && ` with status ${end.status}`}.</span>}
          <button class="button small" onClick={() => setTurn((n) => n + 1)}>Open another</button>
        </div>
      )}
    </div>
  );
}
