// The release build, as any static host would serve it.
import { expect, test } from "@playwright/test";
import { environment } from "../environment.js";

test("the page loads from a sub-path, and asks for nothing outside it", async ({ page }) => {
  const requests = [];
  const failures = [];
  page.on("request", (request) => requests.push(request.url()));
  page.on("response", (response) => {
    if (response.status() !== 200) failures.push(`${response.status()} ${response.url()}`);
  });
  await page.goto(environment.url);
  await page.evaluate(() => window.wasmBindings ?? new Promise((done) => addEventListener("TrunkApplicationStarted", done)));
  expect(failures).toEqual([]);
  expect(requests.length).toBeGreaterThan(2);
  expect(requests.filter((url) => !url.startsWith(environment.url))).toEqual([]);
});

test("every file but the page is named by its content, the worker's too", async ({ page, request }) => {
  const hashed = /-[0-9a-f]{16}(\.[a-z0-9]+)?$/;
  const names = new Set();
  page.on("request", (request) => names.add(request.url().slice(environment.url.length)));
  await page.goto(environment.url);
  const worker = await page.locator('meta[name="layerlab-worker"]').getAttribute("content");
  const assets = JSON.parse(await page.locator("#assets").textContent());
  expect(Object.keys(assets)).toContain("samples/shop-1.0.tar");
  for (const name of [...names, worker, ...Object.values(assets)].filter((name) => name !== "")) {
    expect(name).toMatch(hashed);
    const response = await request.get(new URL(name, environment.url).href);
    expect(response.status(), name).toBe(200);
    expect(response.headers()["cache-control"], name).toContain("immutable");
  }
  const index = await request.get(environment.url);
  expect(index.headers()["cache-control"]).toBe("no-cache");
});

test("the worker starts as a module and initialises its own program", async ({ page }) => {
  const fetched = [];
  page.on("response", (response) => fetched.push(response.url()));
  await page.goto(environment.url);
  const failure = await page.evaluate(
    () =>
      new Promise((done) => {
        const url = document.querySelector('meta[name="layerlab-worker"]').content;
        const worker = new Worker(url, { type: "module" });
        worker.onerror = (event) => done(event.message || "the worker did not load");
        worker.onmessage = () => done(null);
        setTimeout(() => done(null), 2000);
      }),
  );
  expect(failure).toBeNull();
  expect(fetched.some((url) => /worker_bg-[0-9a-f]{16}\.wasm$/.test(url))).toBe(true);
});
