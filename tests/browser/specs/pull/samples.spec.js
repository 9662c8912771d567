// Pulls of the miniatures that come with the page: what comes, what does not have to, and what stays.
import { execFileSync } from "node:child_process";
import { expect, test } from "@playwright/test";
import { environment, insecureUrl } from "../../environment.js";
import { Pulls } from "../../pulls.js";
import { sample } from "../../registry.js";

const redis = (tag) => ({ reference: `redis:${tag}`, from: "samples" });

test("the second of two images that share layers fetches only the rest, and both survive a reload", async ({ page }) => {
  const pulls = await new Pulls(page).open();
  const first = await pulls.pulled(redis("6.2"));
  const all = Number(await first.getByTestId("sum").getAttribute("data-all"));
  expect(Number(await first.getByTestId("sum").getAttribute("data-came"))).toBe(all);
  const second = await pulls.pulled(redis("7.0-rc"));
  const here = second.locator('[data-testid="blob"][data-state="here"]');
  // Three from the base, and one above them that is found by its content.
  await expect(here).toHaveCount(4);
  const sum = second.getByTestId("sum");
  expect(Number(await sum.getAttribute("data-came"))).toBeLessThan(Number(await sum.getAttribute("data-all")));
  await pulls.expectNothingFalse();
  await page.reload();
  await expect(pulls.stored).toHaveCount(2);
});

test("removing one of them keeps what the other needs", async ({ page }) => {
  const pulls = await new Pulls(page).open();
  await pulls.pulled(redis("6.2"));
  const before = await pulls.expectNothingFalse();
  await pulls.pulled(redis("7.0-rc"));
  await pulls.stored.filter({ hasText: "7.0-rc" }).getByTestId("remove").click();
  await expect(pulls.stored).toHaveCount(1);
  await expect.poll(() => pulls.expectNothingFalse().then((names) => names.sort())).toEqual(before.sort());
  await page.getByTestId("empty").click();
  await expect(pulls.stored).toHaveCount(0);
  expect(await pulls.expectNothingFalse()).toEqual([]);
});

test("a stored image is saved as skopeo takes it, with the same image ID", async ({ page }) => {
  test.skip(!environment.skopeo, "skopeo is not here");
  const pulls = await new Pulls(page).open();
  await pulls.pulled(redis("6.2"));
  const ids = [];
  for (const [button, kind] of [["save-docker", "docker-archive"], ["save-oci", "oci-archive"]]) {
    const download = page.waitForEvent("download");
    await pulls.stored.first().getByTestId(button).click();
    const path = await (await download).path();
    const raw = execFileSync(environment.skopeo, ["inspect", "--config", "--raw", `${kind}:${path}`]);
    ids.push(raw.toString());
  }
  expect(ids[0]).toBe(ids[1]);
  expect(JSON.parse(ids[0]).rootfs.diff_ids.length).toBe(6);
});

test("an opened archive is taken into the store, and is the image that a registry would name", async ({ page }) => {
  const pulls = await new Pulls(page).open();
  await page.goto(`${environment.url}#/`);
  await page.getByTestId("archive-input").setInputFiles(sample("shop-1.0.tar"));
  await expect(page.getByTestId("archive")).toHaveAttribute("data-state", "done");
  await page.goto(`${environment.url}#/pull/registry`);
  await page.getByTestId("load").click();
  await expect(pulls.runs.first()).toHaveAttribute("data-state", "done");
  await expect(pulls.stored).toHaveCount(1);
  await pulls.expectNothingFalse();
});

test("outside of a secure context the store is in IndexedDB, and survives a reload", async ({ page }) => {
  const pulls = await new Pulls(page).open("registry", insecureUrl());
  await pulls.pulled(redis("6.2"));
  await expect(page.getByTestId("room")).toHaveAttribute("data-private", "false");
  await page.reload();
  await expect(pulls.stored).toHaveCount(1);
  const again = await pulls.pulled(redis("7.0-rc"));
  await expect(again.locator('[data-state="here"]')).toHaveCount(4);
});

test("what is typed wrong is said at once", async ({ page }) => {
  const pulls = await new Pulls(page).open();
  await pulls.fill({ reference: "user/Redis", from: "named" });
  await page.getByTestId("pull").click();
  await expect(page.getByTestId("form-error")).toHaveText("Repositories are lower-case. Write user/redis.");
});
