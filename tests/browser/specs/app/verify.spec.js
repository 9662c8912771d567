// What is wrong is said, and what is hostile stays text.
import { expect, fixture, test } from "../../app.js";

test("a mismatch is shown with what was expected and what was found", async ({ app, page }) => {
  await app.start();
  const archive = await app.analyse("mismatch.tar");
  const report = await archive.report();
  const layer = report.images[0].layers.find((layer) => layer.diff_id_ok === false);
  expect(layer.diff_id).not.toBe(layer.diff_id_declared);
  await expect(page.getByText(/mismatch/i).first()).toBeVisible();
  // Digests are long: what is seen may be their beginning.
  const seen = await page.locator("body").innerText();
  expect(seen).toContain(layer.diff_id.slice(7, 19));
  expect(seen).toContain(layer.diff_id_declared.slice(7, 19));
});

test("an absent layer keeps its place, and the rest is read", async ({ app }) => {
  await app.start();
  const archive = await app.analyse("absent-layer.tar");
  await archive.expectState("done");
  const [image] = (await archive.report()).images;
  expect(image.layers.length).toBe(2);
  expect(image.layers[1].diff_id_ok).toBe(true);
});

test("names with markup, control and bidirectional characters are shown harmlessly", async ({ app, page }) => {
  page.on("dialog", () => app.complaints.push("an archive's markup ran"));
  await app.start();
  const archive = await app.analyse("hostile-names.tar");
  await archive.expectState("done");
  const seen = await page.locator("body").innerText();
  expect(seen).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u202a-\u202e\u2066-\u2069]/);
  expect(await page.locator("body b", { hasText: "hostile" }).count()).toBe(0);
});

test("a bad file leaves the archives beside it alone", async ({ app }) => {
  await app.start();
  const good = await app.analyse("docker.tar");
  const bad = await app.analyse("notes.txt");
  await bad.expectState("failed");
  await good.expectState("done");
  expect(await app.archives.count()).toBe(2);
});

test("an archive opened twice gives the same report", async ({ app, page }) => {
  await app.start();
  const first = await (await app.analyse("docker.tar")).exportJson();
  await page.reload();
  await app.input.waitFor({ state: "attached" });
  const second = await (await app.analyse("docker.tar")).exportJson();
  expect(second.equals(first)).toBe(true);
  expect(JSON.parse(first).file).toBe(fixture("docker.tar").split(/[\\/]/).pop());
});
