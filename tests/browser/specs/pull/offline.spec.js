// After one visit everything works without a network.
import { expect, test } from "@playwright/test";
import { request as ask } from "node:http";
import { environment } from "../../environment.js";
import { Pulls } from "../../pulls.js";
import { serve } from "../../registry.js";

test.use({ serviceWorkers: "allow" });

// The built page behind a server that can be stopped.
async function stoppable() {
  const origin = new URL(environment.url);
  const server = await serve((request, response) => {
    const upstream = ask(new URL(request.url, origin), { headers: { accept: request.headers.accept ?? "*/*" } }, (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    });
    upstream.on("error", () => response.destroy());
    upstream.end();
  });
  return Object.assign(server, { page: `${server.url}${origin.pathname}` });
}

const ready = (page) =>
  page.evaluate(async () => {
    await navigator.serviceWorker.ready;
    if (!navigator.serviceWorker.controller) {
      await new Promise((done) => navigator.serviceWorker.addEventListener("controllerchange", done, { once: true }));
    }
  });

test("the page, its workers, samples and miniatures work with the server stopped", async ({ page }) => {
  const server = await stoppable();
  await page.goto(server.page);
  await ready(page);
  await server.close();

  await page.reload();
  await page.getByTestId("sample").first().click();
  await expect(page.getByTestId("archive")).toHaveAttribute("data-state", "done");

  const pulls = await new Pulls(page).open("registry", server.page);
  await pulls.pulled({ reference: "redis:7.0-rc", from: "samples" });
  await pulls.expectNothingFalse();

  await page.goto(`${server.page}#/learn`);
  await page.reload();
  await expect(page.getByTestId("module-learn")).toBeVisible();
});

test("a new page is taken from the network, whatever is kept", async ({ page }) => {
  const server = await stoppable();
  try {
    await page.goto(server.page);
    await ready(page);
    const before = server.requests.length;
    await page.reload();
    const pages = server.requests.slice(before).filter(({ url }) => url === new URL(server.page).pathname);
    expect(pages.length).toBe(1);
    // Programs come from the cache, by names that hold their hash.
    expect(server.requests.slice(before).filter(({ url }) => url.endsWith(".wasm"))).toEqual([]);
  } finally {
    await server.close();
  }
});
