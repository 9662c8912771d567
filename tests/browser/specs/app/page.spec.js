// The page around the archives: languages, keyboard, width, addresses.
import { expect, test } from "../../app.js";
import { insecureUrl } from "../../environment.js";

test("the measure `analyse` is taken once for each archive", async ({ app, page }) => {
  await app.start();
  await app.analyse("docker.tar");
  await app.analyse("oci-gzip.tar");
  const measures = () => page.evaluate(() => performance.getEntriesByName("analyse", "measure").map((it) => it.duration));
  await expect.poll(async () => (await measures()).length).toBe(2);
  for (const duration of await measures()) expect(duration).toBeGreaterThan(0);
});

test("a second archive is opened beside the first", async ({ app }) => {
  await app.start();
  const first = await app.analyse("docker.tar");
  const second = await app.analyse("oci-gzip.tar");
  await first.expectState("done");
  await second.expectState("done");
});

test("from an address that is no secure context everything works", async ({ app, page }) => {
  await app.start(insecureUrl());
  expect(await page.evaluate(() => isSecureContext)).toBe(false);
  for (const name of ["docker.tar", "oci-zstd.tar", "docker.tar.gz"]) {
    const archive = await app.analyse(name);
    await archive.expectState("done");
  }
  const report = await app.archive().report();
  expect(report.images[0].layers.every((layer) => layer.diff_id_ok)).toBe(true);
});

test("after a reload the page names the archive that the link needs, and returns to the view", async ({ app, page }) => {
  await app.start();
  await app.analyse("docker.tar");
  const link = page.url();
  expect(new URL(link).hash.length).toBeGreaterThan(2);
  await page.reload();
  await expect(page.getByText("docker.tar").first()).toBeVisible();
  await app.analyse("docker.tar");
  expect(new URL(page.url()).hash).toBe(new URL(link).hash);
});

test("back and forward move between views", async ({ app, page }) => {
  await app.start();
  const home = page.url();
  await app.analyse("docker.tar");
  const view = page.url();
  expect(view).not.toBe(home);
  await page.goBack();
  await expect(page).toHaveURL(home);
  await page.goForward();
  await expect(page).toHaveURL(view);
});

test("the language is switched, remembered, and said to the browser", async ({ app, page }) => {
  await app.start();
  await expect(page.locator("html")).toHaveAttribute("lang", "en");
  await page.getByRole("button", { name: /中文/ }).or(page.getByRole("link", { name: /中文/ })).first().click();
  await expect(page.locator("html")).toHaveAttribute("lang", "zh-CN");
  await page.reload();
  await expect(page.locator("html")).toHaveAttribute("lang", "zh-CN");
  await app.analyse("docker.tar");
  await app.archive().expectState("done");
});

test.describe("a browser that speaks Chinese", () => {
  test.use({ locale: "zh-CN" });
  test("is answered in Chinese", async ({ app, page }) => {
    await app.start();
    await expect(page.locator("html")).toHaveAttribute("lang", "zh-CN");
    expect(await page.locator("body").innerText()).toMatch(/[\u4e00-\u9fff]{4}/);
  });
});

test("a sample is opened by the keyboard alone", async ({ app, page }) => {
  await app.start();
  const focused = () => page.evaluate(() => document.activeElement?.closest("[data-testid=sample]") !== null);
  for (let presses = 0; presses < 60 && !(await focused()); presses += 1) await page.keyboard.press("Tab");
  expect(await focused(), "the sample can be reached by Tab").toBe(true);
  await page.keyboard.press("Enter");
  await app.archive().finished();
  await app.archive().expectState("done");
});

for (const colorScheme of ["light", "dark"]) {
  test.describe(`a narrow ${colorScheme} screen`, () => {
    test.use({ viewport: { width: 390, height: 844 }, colorScheme });
    test("needs no scrolling sideways", async ({ app, page }) => {
      await app.start();
      const overflow = () => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      expect(await overflow()).toBe(0);
      await app.analyse("mismatch.tar");
      expect(await overflow()).toBe(0);
    });
  });
}
