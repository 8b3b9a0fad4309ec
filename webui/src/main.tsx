import { render } from "preact";
import { App } from "./app.tsx";
import { open, watchVisibility } from "./data/feed.ts";
import "./ui/theme.ts";

render(<App />, document.getElementById("app")!);
watchVisibility();
void open();
