// The memory of the tab's processes, from /proc: Linux only.
import { readFileSync, readdirSync } from "node:fs";

// Proportional set size, in bytes, of all renderers that this process started.
export function renderersPss() {
  const parents = new Map();
  const renderers = [];
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    const stat = read(`/proc/${pid}/stat`);
    // The name in parentheses may hold anything, spaces too.
    parents.set(pid, stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
    if (read(`/proc/${pid}/cmdline`).includes("--type=renderer")) renderers.push(pid);
  }
  const ours = (pid) => pid !== undefined && (pid === String(process.pid) || ours(parents.get(pid)));
  return renderers.filter(ours).reduce((sum, pid) => sum + pss(pid), 0);
}

// Samples until the function that it returns is called, which gives the highest value seen.
export function watchPeak(milliseconds = 50) {
  let peak = renderersPss();
  const timer = setInterval(() => (peak = Math.max(peak, renderersPss())), milliseconds);
  return () => {
    clearInterval(timer);
    return peak;
  };
}

function pss(pid) {
  const line = /^Pss:\s+(\d+) kB/m.exec(read(`/proc/${pid}/smaps_rollup`));
  return line ? Number(line[1]) * 1024 : 0;
}

// A process may end while it is looked at.
function read(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
