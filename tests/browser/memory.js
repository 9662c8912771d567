// The memory of the tab's processes, from /proc: Linux only.
import { readFileSync, readdirSync, writeFileSync } from "node:fs";

// Resident bytes of all renderers that this process started, now.
export const renderersMemory = () => sum("VmRSS");

// Forgets earlier peaks. The function that it returns gives the highest resident size since then, summed over the
// renderers: the kernel keeps it, so nothing has to be sampled while something else is being measured.
export function watchPeak() {
  for (const pid of renderers()) writeFileSync(`/proc/${pid}/clear_refs`, "5");
  return () => sum("VmHWM");
}

function sum(field) {
  const pattern = new RegExp(`^${field}:\\s+(\\d+) kB`, "m");
  const kilobytes = (pid) => Number(pattern.exec(read(`/proc/${pid}/status`))?.[1] ?? 0);
  return renderers().reduce((total, pid) => total + kilobytes(pid) * 1024, 0);
}

function renderers() {
  const parents = new Map();
  const found = [];
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    const stat = read(`/proc/${pid}/stat`);
    // The name in parentheses may hold anything, spaces too.
    parents.set(pid, stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
    if (read(`/proc/${pid}/cmdline`).includes("--type=renderer")) found.push(pid);
  }
  const ours = (pid) => pid !== undefined && (pid === String(process.pid) || ours(parents.get(pid)));
  return found.filter(ours);
}

// A process may end while it is looked at.
function read(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
