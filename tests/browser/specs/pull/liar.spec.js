// A registry that lies: each lie has a clear error, nothing false is kept, and what can be continued is.
import { expect, test } from "@playwright/test";
import { Pulls } from "../../pulls.js";
import { Liar, cors, honest, serve, sha256 } from "../../registry.js";

let liar;
test.beforeEach(async () => (liar = await Liar.start()));
test.afterEach(() => liar.close());

const order = () => ({ reference: `localhost:${liar.port}/x:1`, from: "named" });
const repeat = (answer, times = 9) => Array.from({ length: times }, () => answer);

// Ends the connection after half of the bytes.
const half = (request, response, bytes) => {
  response.writeHead(200, { "Content-Length": bytes.length, ...cors() });
  response.write(bytes.subarray(0, bytes.length / 2), () => setTimeout(() => response.destroy(), 200));
};

async function expectRefused(page, problem) {
  const pulls = await new Pulls(page).open();
  expect(await pulls.failure(order())).toBe(problem);
  await expect(pulls.stored).toHaveCount(0);
  const names = await pulls.expectNothingFalse();
  expect(names).not.toContain(sha256(liar.layers[1]));
  return pulls;
}

test("a wrong blob", async ({ page }) => {
  liar.lie(liar.blob(1), (request, response, bytes) => honest(request, response, Buffer.alloc(bytes.length, "x")));
  const pulls = await expectRefused(page, "digest");
  // It was a passing lie: the next pull is whole.
  await pulls.pulled(order());
  await pulls.expectNothingFalse();
});

test("a truncated blob", async ({ page }) => {
  liar.lie(liar.blob(1), ...repeat((request, response, bytes) => honest({ headers: {} }, response, bytes.subarray(0, 1000))));
  await expectRefused(page, "truncated");
});

test("a wrong content length", async ({ page }) => {
  liar.lie(liar.blob(1), ...repeat((request, response) => response.writeHead(200, { "Content-Length": 7, ...cors() }).end("1234567")));
  await expectRefused(page, "truncated");
});

test("an endless body", async ({ page }) => {
  liar.lie(liar.blob(1), (request, response) => {
    response.writeHead(200, cors());
    const more = () => response.destroyed || response.write(Buffer.alloc(65536), () => setTimeout(more, 1));
    more();
  });
  await expectRefused(page, "too_long");
});

test("a redirect loop", async ({ page }) => {
  liar.lie(liar.blob(1), ...repeat((request, response) => response.writeHead(307, { Location: request.url, ...cors() }).end(), 99));
  // A browser says of a loop what it says of everything: nothing.
  await expectRefused(page, "opaque");
});

test("a manifest of another digest", async ({ page }) => {
  const manifest = liar.files.get("/v2/x/manifests/1");
  const reference = `localhost:${liar.port}/x@${sha256(manifest)}`;
  liar.lie(`/v2/x/manifests/${sha256(manifest)}`, (request, response) => honest(request, response, Buffer.from(`${manifest} `)));
  const pulls = await new Pulls(page).open();
  expect(await pulls.failure({ reference, from: "named" })).toBe("digest");
  expect(await pulls.expectNothingFalse()).toEqual([]);
});

test("429 and 503 are waited for as long as they say", async ({ page }) => {
  const busy = (status) => (request, response) => response.writeHead(status, { "Retry-After": "1", ...cors() }).end();
  liar.lie(liar.blob(0), busy(429), busy(503));
  const pulls = await new Pulls(page).open();
  const begun = Date.now();
  await pulls.pulled(order());
  expect(Date.now() - begun).toBeGreaterThan(2000);
  expect(liar.requests.filter(({ url }) => url === liar.blob(0)).length).toBe(3);
});

test("a connection that drops at half is continued by range", async ({ page }) => {
  liar.lie(liar.blob(1), half);
  const pulls = await new Pulls(page).open();
  await pulls.pulled(order());
  const ranges = liar.requests.filter(({ url }) => url === liar.blob(1)).map(({ range }) => range);
  expect(ranges.length).toBe(2);
  expect(ranges[0]).toBeUndefined();
  expect(ranges[1]).toMatch(/^bytes=[1-9]\d+-\d+$/);
  await pulls.expectNothingFalse();
});

test("a tab that is closed in mid-pull leaves a part, which the next one goes on from", async ({ page, context }) => {
  liar.lie(liar.blob(1), (request, response, bytes) => {
    response.writeHead(200, { "Content-Length": bytes.length, ...cors() });
    response.write(bytes.subarray(0, bytes.length / 2));
  });
  const pulls = await new Pulls(page).open();
  await pulls.pull(order());
  await expect.poll(async () => (await pulls.shelf()).parts[sha256(liar.layers[1])] ?? 0).toBeGreaterThan(100_000);
  await page.close();
  const again = await new Pulls(await context.newPage()).open();
  await expect(again.stored).toHaveCount(0);
  await again.pulled(order());
  expect(liar.requests.filter(({ url }) => url === liar.blob(1)).at(-1).range).toMatch(/^bytes=[1-9]\d+-/);
  await again.expectNothingFalse();
});

test("two tabs that pull at once fetch each layer once, and both end whole", async ({ page, context }) => {
  const slow = (request, response, bytes) => setTimeout(() => honest(request, response, bytes), 700);
  liar.lie(liar.blob(0), slow, slow);
  liar.lie(liar.blob(1), slow, slow);
  const [first, second] = [await new Pulls(page).open(), await new Pulls(await context.newPage()).open()];
  await Promise.all([first.pulled(order()), second.pulled(order())]);
  for (const index of [0, 1]) expect(liar.requests.filter(({ url }) => url === liar.blob(index)).length).toBe(1);
  await expect(second.stored).toHaveCount(1);
  await expect(first.stored).toHaveCount(1);
  await first.expectNothingFalse();
});

test("a quota that is exceeded is said, and what was there stays", async ({ page, context }) => {
  await liar.close();
  const pulls = await new Pulls(page).open();
  await pulls.pulled({ reference: "redis:6.2", from: "samples" });
  liar = await Liar.start([Buffer.alloc(20_000_000, "a")]);
  const session = await context.newCDPSession(page);
  await session.send("Storage.overrideQuotaForOrigin", { origin: new URL(page.url()).origin, quotaSize: 8_000_000 });
  expect(await pulls.failure(order())).toBe("no_room");
  await expect(pulls.stored).toHaveCount(1);
  await pulls.expectNothingFalse();
});

test("the doctor finds a storage behind a redirect that may not be read", async ({ page }) => {
  const storage = await serve((request, response) => response.writeHead(200).end("x"));
  try {
    for (const index of [0, 1]) {
      liar.lie(liar.blob(index), ...repeat((request, response) => response.writeHead(307, { Location: `${storage.url}/b`, ...cors() }).end()));
    }
    const pulls = await new Pulls(page).open("doctor");
    await pulls.fill(order());
    await page.getByTestId("examine").click();
    await expect(page.getByTestId("diagnosis")).toHaveAttribute("data-causes", "no_cors_on_redirect", { timeout: 30_000 });
  } finally {
    await storage.close();
  }
});

test("the doctor finds blobs that may not be read where manifests may", async ({ page }) => {
  for (const index of [0, 1]) {
    liar.lie(liar.blob(index), ...repeat((request, response, bytes) => response.writeHead(200).end(bytes)));
  }
  const pulls = await new Pulls(page).open("doctor");
  await pulls.fill(order());
  await page.getByTestId("examine").click();
  await expect(page.getByTestId("diagnosis")).toHaveAttribute("data-causes", "no_cors_on_blobs", { timeout: 30_000 });
});
