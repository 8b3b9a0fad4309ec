// Pages that are loaded when somebody first goes there, so that the first page need not wait for them.
import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Loading, Problem } from "./bits.tsx";

export function lazy<P extends object>(load: () => Promise<ComponentType<P>>): (props: P) => preact.JSX.Element {
  let here: ComponentType<P> | null = null;
  return function Lazy(props: P) {
    const [, draw] = useState(0);
    const [error, fail] = useState<string | null>(null);
    const get = (): void => {
      fail(null);
      load().then((c) => { here = c; draw((n) => n + 1); }, (e: unknown) => fail(`the page could not be loaded: ${e instanceof Error ? e.message : String(e)}`));
    };
    useEffect(() => { if (!here) get(); }, []);
    if (here) { const Page = here; return <Page {...props} />; }
    return error ? <Problem text={error} again={get} /> : <Loading what="the page" />;
  };
}
