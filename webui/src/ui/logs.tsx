// A file of a sandbox, from its end and on, as it grows.
import { useEffect, useRef, useState } from "preact/hooks";
import { files } from "../data/agent.ts";
import { bytes } from "../data/format.ts";
import { Cli, Problem } from "./bits.tsx";
import { Icon } from "./icons.tsx";

/** How much of the end is read at first, and most of what is kept, in characters. */
const tail = 64 << 10, most = 1 << 20;

export function Logs({ agent, path, cli }: { agent: string; path: string; cli?: string }) {
  const ref = useRef<HTMLPreElement>(null);
  const [text, setText] = useState<{ body: string; cut: boolean; size: number } | null>(null);
  const [error, setError] = useState<string | null>(null);
  const [following, follow] = useState(true);
  const [turn, setTurn] = useState(0);
  const [wrap, setWrap] = useState(true);
  useEffect(() => {
    const stop = new AbortController();
    setText(null);
    setError(null);
    void read(agent, path, stop.signal, (t) => { setText(t); setError(null); }, setError);
    return () => stop.abort();
  }, [agent, path, turn]);
  useEffect(() => {
    if (following && ref.current) ref.current.scrollTop = ref.current.scrollHeight;
  }, [text, following]);
  const scrolled = (): void => {
    const el = ref.current!;
    follow(el.scrollHeight - el.scrollTop - el.clientHeight < 24);
  };
  return (
    <div class="logs">
      <div class="logs-bar">
        <span class={`dot ${error ? "bad" : "good"}`} /><span class="quiet">{error ? "Not read" : text ? `${bytes(text.size)}, ${following ? "following" : "held where you read"}` : "Reading…"}</span>
        <span class="grow" />
        {!following && <button class="button small" onClick={() => follow(true)}>To the end</button>}
        <label class="check"><input type="checkbox" checked={wrap} onChange={(e) => setWrap(e.currentTarget.checked)} /> Wrap</label>
        <a class="button small" href={files.download(agent, path)} download><Icon name="download" size={14} />Download</a>
      </div>
      {error && <Problem text={error} again={() => setTurn((n) => n + 1)} />}
      <pre ref={ref} class={wrap ? "wrap" : ""} onScroll={scrolled} tabIndex={0} aria-label={`Contents of ${path}`} role="log" aria-live="off">
        {text?.cut && <span class="quiet">… only the end is shown; download it for the rest{"\n"}</span>}
        {text && text.body === "" ? <span class="quiet">It is empty so far. What is written appears here at once.</span> : text?.body}
      </pre>
      {cli && <Cli line={cli} />}
    </div>
  );
}

async function read(agent: string, path: string, signal: AbortSignal, show: (t: { body: string; cut: boolean; size: number }) => void, fail: (e: string) => void): Promise<void> {
  let body = "", cut = false, offset = -1, pause = 400, failures = 0;
  while (!signal.aborted) {
    try {
      if (offset < 0) {
        const size = (await files.read(agent, path, -1, -1, signal)).offset;
        offset = Math.max(0, size - tail);
        cut = offset > 0;
        show({ body, cut, size });
      }
      const piece = await files.read(agent, path, offset, tail, signal);
      failures = 0;
      if (piece.data.length > 0) {
        offset = piece.offset + new TextEncoder().encode(piece.data).length;
        body += piece.data;
        if (body.length > most) {
          body = body.slice(body.indexOf("\n", body.length - most) + 1);
          cut = true;
        }
        show({ body, cut, size: offset });
        pause = 250;
        if (piece.data.length >= tail / 2) continue; // there is more
      } else {
        const size = (await files.read(agent, path, -1, -1, signal)).offset;
        if (size < offset) { offset = -1; body = ""; } // it was rotated, or begun anew
        pause = Math.min(1500, pause * 1.3);
      }
    } catch (e) {
      if (signal.aborted) return;
      if (++failures >= 3 || body === "") fail(e instanceof Error ? e.message : String(e));
      pause = 2000;
    }
    await new Promise((done) => setTimeout(done, document.hidden ? 2000 : pause));
  }
}
