// Drawn here, so that nothing is loaded for them.
const paths: Record<string, string> = {
  overview: "M3 12 12 4l9 8v8a1 1 0 0 1-1 1h-5v-6H9v6H4a1 1 0 0 1-1-1z",
  tasks: "M4 6h10M4 12h16M4 18h12M18 6h2",
  agents: "M4 4h16v6H4zM4 14h16v6H4zM8 7h.01M8 17h.01",
  frameworks: "M12 3 21 8v8l-9 5-9-5V8zM3 8l9 5 9-5M12 13v8",
  services: "M4 7a8 8 0 0 1 15-1l1 2M20 3v5h-5M20 17a8 8 0 0 1-15 1l-1-2M4 21v-5h5M12 9v6M9 12h6",
  jobs: "M12 4a9 9 0 1 1 0 18 9 9 0 0 1 0-18zM12 8v5l3 2M9 2h6",
  roles: "M12 4v5M6 20v-4a2 2 0 0 1 2-2h8a2 2 0 0 1 2 2v4M12 9v5M10 4h4v5h-4zM4 20h4M16 20h4",
  offers: "M3 11V4h7l11 11-7 7zM7.5 7.5h.01",
  maintenance: "M14.5 6a4.5 4.5 0 0 0-6 5.6L3 17v4h4l5.4-5.5A4.5 4.5 0 0 0 18 9.5L15 12l-3-3z",
  search: "M11 4a7 7 0 1 1 0 14 7 7 0 0 1 0-14zM16 16l5 5",
  help: "M12 3a9 9 0 1 1 0 18 9 9 0 0 1 0-18zM9.5 9.5a2.5 2.5 0 1 1 3.5 2.3c-.7.3-1 .8-1 1.5v.5M12 17h.01",
  sun: "M12 8a4 4 0 1 1 0 8 4 4 0 0 1 0-8zM12 2v2M12 20v2M4 12H2M22 12h-2M5 5l1.5 1.5M17.5 17.5 19 19M19 5l-1.5 1.5M6.5 17.5 5 19",
  moon: "M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5z",
  copy: "M8 8h11v12H8zM5 16H4V4h11v1",
  check: "M4 12l5 5L20 6",
  folder: "M3 6h6l2 2h10v11H3z",
  file: "M6 3h8l4 4v14H6zM14 3v4h4",
  why: "M7.5 8.5a4.5 4.5 0 1 1 6.6 4c-1.5.8-2.1 1.6-2.1 3.1M12 20h.01",
  more: "M5 12h.01M12 12h.01M19 12h.01",
  close: "M5 5l14 14M19 5 5 19",
  download: "M12 4v11M7 11l5 5 5-5M5 20h14",
};

export function Icon({ name, size = 18 }: { name: string; size?: number }) {
  return (
    <svg class="icon" width={size} height={size} viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.9"
      stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false"><path d={paths[name] ?? ""} /></svg>
  );
}
