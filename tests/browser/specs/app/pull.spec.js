// The pull: two images that share three of six layers, taken from the app's own registry of miniatures.
import { expect, test } from "../../app.js";

const lines = async (page) => (await page.getByTestId("pull-terminal").textContent()).split("\n");

// Plans the pull of a sample, and shows all of it or none.
async function pull(page, name, key) {
  await page.getByTestId("pull-sample").filter({ hasText: name }).click();
  await page.getByTestId("pull-stage").press(key);
}

test.beforeEach(async ({ app, page }) => {
  await app.start();
  await page.goto(`${app.root}#/pull`);
  await expect(page.getByTestId("pull-sample").first()).toBeVisible();
});

test("the second pull brings only what the first did not", async ({ page }) => {
  await pull(page, "redis:6.2", "End");
  await expect(page.getByTestId("counter-saved")).toHaveText("0 B");
  const first = await lines(page);
  expect(first.filter((line) => line.endsWith(": Pull complete"))).toHaveLength(6);
  await pull(page, "redis:7.0-rc", "End");
  await expect(page.getByTestId("counter-saved")).not.toHaveText("0 B");
  const second = await lines(page);
  expect(second.filter((line) => line.endsWith(": Already exists"))).toHaveLength(3);
  expect(second.filter((line) => line.endsWith(": Pull complete"))).toHaveLength(3);
  expect(second.at(-2)).toBe("Status: Downloaded newer image for redis:7.0-rc");
});

test("every step can be taken back, by keys alone", async ({ page }) => {
  await pull(page, "redis:6.2", "Home");
  const stage = page.getByTestId("pull-stage");
  await stage.press("ArrowRight");
  await expect(page.getByTestId("pull-caption")).toContainText("asks the registry what redis:6.2 is");
  await stage.press("End");
  await expect(page.getByTestId("pull-caption")).toContainText("stands for the image");
  await stage.press("ArrowLeft");
  await expect(page.getByTestId("pull-caption")).toContainText("All layers are here");
  await stage.press(" ");
  await expect(page.getByTestId("pull-caption")).toContainText("stands for the image");
});

test("a removed image leaves the layers that another one needs", async ({ page }) => {
  await pull(page, "redis:6.2", "End");
  await pull(page, "redis:7.0-rc", "End");
  await page.getByRole("link", { name: "The store" }).click();
  await page.getByRole("row", { name: /redis:6.2/ }).getByRole("button", { name: "Remove" }).click();
  const removal = page.getByRole("status").filter({ hasText: "What was removed" });
  await expect(removal).toContainText("Untagged: redis:6.2");
  await expect(removal.getByRole("listitem")).toHaveCount(3);
  await expect(removal.getByRole("listitem").first()).toContainText("needed by redis:7.0-rc");
});

test("a changed byte is caught by the digest of what it is in, and a moved tag by nothing", async ({ app, page }) => {
  await page.goto(`${app.root}#/pull/tamper`);
  const target = page.getByTestId("tamper-target");
  await target.selectOption("0");
  await expect(page.getByTestId("tamper-caught").first()).toContainText("layer 1: the blob's digest");
  await target.selectOption("config");
  await expect(page.getByTestId("tamper-caught").first()).toContainText("the config's digest");
  await target.selectOption("tag");
  await expect(page.getByTestId("tamper-caught").first()).toHaveText("No check sees it.");
});

test("nothing is wider than a telephone", async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await pull(page, "redis:6.2", "End");
  for (const side of ["", "/store", "/forest", "/disk", "/tamper"]) {
    await page.evaluate((address) => (location.hash = address), `#/pull${side}`);
    await expect(page.locator(".pull__sides [aria-current]")).toBeVisible();
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(wide, side).toBeLessThanOrEqual(0);
  }
});
