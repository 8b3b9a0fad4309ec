// The sandbox of a task: folders, and files as they grow.
import { files } from "../data/agent.ts";
import { bytes } from "../data/format.ts";
import { Ago, Empty, Loading, Problem } from "./bits.tsx";
import { useLoad } from "./hooks.ts";
import { Icon } from "./icons.tsx";
import { Logs } from "./logs.tsx";

export function Files({ agent, root, at, to }: { agent: string; root: string; at: string; to: (path: string) => string }) {
  const file = at.startsWith("file:");
  const path = file ? at.slice(5) : at;
  const full = path ? `${root}/${path}` : root;
  const parts = path.split("/").filter(Boolean);
  return (
    <div class="files">
      <nav class="crumbs" aria-label="Folder">
        <a href={to("")}>sandbox</a>
        {parts.map((p, i) => <span key={i}> / {i === parts.length - 1 && file ? <b>{p}</b> : <a href={to(parts.slice(0, i + 1).join("/"))}>{p}</a>}</span>)}
      </nav>
      {file ? <Logs agent={agent} path={full} /> : <Folder agent={agent} path={full} within={path} to={to} />}
    </div>
  );
}

function Folder({ agent, path, within, to }: { agent: string; path: string; within: string; to: (path: string) => string }) {
  const list = useLoad((signal) => files.browse(agent, path, signal), [agent, path]);
  if (list.error) return <Problem text={list.error} again={list.again} />;
  if (!list.data) return <Loading what="the folder" />;
  if (list.data.length === 0) return <Empty title="Nothing is in this folder" />;
  const rows = [...list.data].sort((a, b) => Number(b.mode.startsWith("d")) - Number(a.mode.startsWith("d")) || (a.path < b.path ? -1 : 1));
  return (
    <table class="plain file-list">
      <thead><tr><th>Name</th><th class="right">Size</th><th class="wide">Mode</th><th class="wide">Owner</th><th class="right">Changed</th><th><span class="sr">Download</span></th></tr></thead>
      <tbody>{rows.map((f) => {
        const name = f.path.slice(f.path.lastIndexOf("/") + 1), folder = f.mode.startsWith("d");
        const inner = within ? `${within}/${name}` : name;
        return (
          <tr key={f.path}>
            <td><a class="file-name" href={to(folder ? inner : `file:${inner}`)}><Icon name={folder ? "folder" : "file"} size={16} />{name}</a></td>
            <td class="right">{folder ? "" : bytes(f.size)}</td><td class="wide mono">{f.mode}</td><td class="wide">{f.uid}</td><td class="right"><Ago at={f.mtime} /></td>
            <td class="right">{!folder && <a class="icon-button" href={files.download(agent, `${path}/${name}`)} download aria-label={`Download ${name}`}><Icon name="download" size={15} /></a>}</td>
          </tr>
        );
      })}</tbody>
    </table>
  );
}
