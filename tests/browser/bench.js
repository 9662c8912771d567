// One measurement in a fresh browser, as one line of JSON. `cargo xtask bench` calls it:
//   node bench.js analyse FILE    the page's own measure, and the memory of the tab's processes
//   node bench.js floor FILE      the same File only read, by one, two and four workers; the fastest way
//   node bench.js floor FILE READERS SLICE    by that many workers, in slices of that many bytes
//   node bench.js version         of the browser
import { chromium } from "@playwright/test";
import { environment, flags } from "./environment.js";
import { renderersMemory, watchPeak } from "./memory.js";

const HOUR = 3_600_000;
const READERS = [1, 2, 4];
const SLICES = [8 << 20, 32 << 20];

const [task, file, readers, slice] = process.argv.slice(2);
const tasks = { analyse, floor, version };
const browser = await chromium.launch({ executablePath: environment.chromium, args: flags });
try {
  console.log(JSON.stringify(await tasks[task]()));
} finally {
  await browser.close();
}

async function analyse() {
  const page = await browser.newPage();
  await page.goto(environment.url);
  const input = page.getByTestId("archive-input");
  await input.waitFor({ state: "attached" });
  // The page may still be drawing its first picture: the empty tab is measured when it is at rest.
  await page.waitForTimeout(1500);
  const linux = process.platform === "linux";
  const empty = linux ? renderersMemory() : null;
  const peak = linux ? watchPeak() : () => null;
  await input.setInputFiles(file);
  const archive = page.getByTestId("archive").first();
  await archive.and(page.locator("[data-state=done], [data-state=failed]")).waitFor({ timeout: HOUR });
  const state = await archive.getAttribute("data-state");
  if (state !== "done") throw new Error(`the page says ${state}: ${await archive.innerText()}`);
  const measure = await page.waitForFunction(() => performance.getEntriesByName("analyse", "measure").at(-1)?.duration);
  return { seconds: (await measure.jsonValue()) / 1000, empty, peak: peak() };
}

// The fastest way to merely read the file: several readers, large windows.
async function floor() {
  const page = await browser.newPage();
  const address = new URL("floor.html", environment.url).href;
  await page.route(address, (route) => route.fulfill({ contentType: "text/html", body: "<input type=file>" }));
  await page.goto(address);
  await page.locator("input").setInputFiles(file);
  const ways = readers
    ? [[Number(readers), Number(slice)]]
    : READERS.flatMap((readers) => SLICES.map((slice) => [readers, slice]));
  const runs = [];
  for (const [readers, slice] of ways) {
    runs.push({ readers, slice, seconds: (await page.evaluate(read, [readers, slice])) / 1000 });
  }
  return runs.reduce((best, run) => (run.seconds < best.seconds ? run : best));
}

// In the page: each worker takes every nth slice.
async function read([readers, slice]) {
  const program = `onmessage = ({ data: { file, first, step, slice } }) => {
    const reader = new FileReaderSync();
    for (let at = first * slice; at < file.size; at += step * slice) reader.readAsArrayBuffer(file.slice(at, at + slice));
    postMessage(null);
  };`;
  const url = URL.createObjectURL(new Blob([program], { type: "text/javascript" }));
  const [file] = document.querySelector("input").files;
  const workers = Array.from({ length: readers }, () => new Worker(url));
  const started = performance.now();
  const done = workers.map(
    (worker, first) =>
      new Promise((resolve, reject) => {
        worker.onmessage = resolve;
        worker.onerror = (event) => reject(new Error(event.message));
        worker.postMessage({ file, first, step: readers, slice });
      }),
  );
  await Promise.all(done);
  const elapsed = performance.now() - started;
  workers.forEach((worker) => worker.terminate());
  return elapsed;
}

async function version() {
  return { version: browser.version() };
}
