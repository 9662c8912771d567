// Debian's docker-registry: directly, behind a proxy, and with tokens.
import { expect, test } from "@playwright/test";
import { Pulls } from "../../pulls.js";
import { DockerRegistry, proxy, sample, sha256, tokenServer } from "../../registry.js";
import { environment } from "../../environment.js";

test.skip(!DockerRegistry.available(), "docker-registry and skopeo are not on this machine, and apt cannot bring them");

const shop = (tag, address) => ({ reference: `shop:${tag}`, from: "address", address });

// Image names without a registry are Docker Hub's, and official ones lie below `library/`.
const named = (registry, tag) => ({ reference: `localhost:${registry.port}/shop:${tag}`, from: "named" });

async function expectSameBytes(pulls, registry, tag) {
  const manifest = await registry.bytes(`shop/manifests/${tag}`);
  const parsed = JSON.parse(manifest);
  const { blobs } = await pulls.shelf();
  expect(Object.keys(blobs)).toContain(sha256(manifest));
  for (const { digest } of [parsed.config, ...parsed.layers]) {
    expect(blobs[digest]).toBe(sha256(await registry.bytes(`shop/blobs/${digest}`)));
  }
  return parsed;
}

test("a registry with CORS is read directly, and the store holds its bytes", async ({ page }) => {
  const registry = await DockerRegistry.start();
  try {
    const pulls = await new Pulls(page).open();
    await pulls.pulled(named(registry, "1.0"));
    await expectSameBytes(pulls, registry, "1.0");
    // The second shares layers with the first, whose compression is another: what is here does not come again.
    const second = await pulls.pulled(named(registry, "1.1"));
    const sum = second.getByTestId("sum");
    expect(Number(await sum.getAttribute("data-came"))).toBeLessThan(Number(await sum.getAttribute("data-all")));
    await pulls.expectNothingFalse();
  } finally {
    await registry.stop();
  }
});

test("an opened archive is held against the registry's documents alone", async ({ page }) => {
  const registry = await DockerRegistry.start();
  try {
    const pulls = await new Pulls(page).open("source");
    for (const [file, standing] of [["shop-1.0.tar", "same"], ["shop-1.0-tampered.tar", "contradicts"], ["shop-1.1.tar", "build"]]) {
      await page.goto(`${environment.url}#/`);
      await page.reload();
      await page.getByTestId("archive-input").setInputFiles(sample(file));
      await expect(page.getByTestId("archive")).toHaveAttribute("data-state", "done");
      await page.goto(`${environment.url}#/pull/source`);
      await pulls.fill(named(registry, "1.0"));
      await page.getByTestId("compare").click();
      await expect(page.getByTestId("standing")).toHaveAttribute("data-standing", standing);
      // Held against documents alone: no layer was kept.
      expect(Object.keys((await pulls.shelf()).blobs)).toEqual([]);
    }
  } finally {
    await registry.stop();
  }
});

test("behind the documented proxy tokens work", async ({ page }) => {
  const token = await tokenServer();
  const registry = await DockerRegistry.start({ token });
  const front = await proxy({ registry: `http://localhost:${registry.port}`, token: token.url });
  try {
    const pulls = await new Pulls(page).open("registry", front.page);
    await pulls.pulled({ ...shop("1.0", front.url), reference: "any.example/shop:1.0" });
    expect(await pulls.expectNothingFalse()).not.toEqual([]);
    expect(front.requests.filter(({ url }) => url.startsWith("/token?")).length).toBe(1);
  } finally {
    await Promise.all([registry.stop(), token.close(), front.close()]);
  }
});

test("direct tokens fail at distribution's preflight, and the doctor says so", async ({ page }) => {
  const token = await tokenServer();
  const registry = await DockerRegistry.start({ token });
  try {
    const pulls = await new Pulls(page).open();
    expect(await pulls.failure(named(registry, "1.0"))).toBe("opaque");
    await page.getByTestId("to-doctor").click();
    await expect(page.getByTestId("diagnosis")).toHaveAttribute("data-causes", "preflight_refused", { timeout: 30_000 });
  } finally {
    await Promise.all([registry.stop(), token.close()]);
  }
});

test("a registry without CORS is told apart from one that does not answer", async ({ page }) => {
  const registry = await DockerRegistry.start({ headers: false });
  const pulls = await new Pulls(page).open("doctor");
  try {
    await pulls.fill(named(registry, "1.0"));
    await page.getByTestId("examine").click();
    await expect(page.getByTestId("diagnosis")).toHaveAttribute("data-causes", "no_cors", { timeout: 30_000 });
  } finally {
    await registry.stop();
  }
  await page.getByTestId("examine").click();
  await expect(page.getByTestId("diagnosis")).toHaveAttribute("data-causes", "unreachable", { timeout: 30_000 });
});
