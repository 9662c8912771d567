// What an image costs, two images compared, and the forest: by mouse and by keyboard.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "../../app.js";
import { environment } from "../../environment.js";

const sample = (name) => fileURLToPath(new URL(`../../../../static/samples/${name}`, import.meta.url));

const cli = (...args) => execFileSync(environment.cli, args, { stdio: ["ignore", "pipe", "ignore"] });

async function openSamples(app, ...names) {
  await app.start();
  for (const [index, name] of names.entries()) {
    await app.open(sample(name));
    await app.archive(index).finished();
  }
}

const pane = (page, name) => page.getByRole("navigation", { name: "Sides of the image" }).getByRole("link", { name }).click();

const saved = async (page, button) => {
  const download = page.waitForEvent("download");
  await page.getByTestId(button).click();
  return readFileSync(await (await download).path());
};

test("the ledger sums to what is not seen, however it is added up, and opens to its losses", async ({ app, page }) => {
  await openSamples(app, "shop-1.1.tar");
  await pane(page, "Cost");
  const ledger = page.getByTestId("ledger");
  await expect(ledger.getByRole("heading", { name: "80.7 kB are stored and not seen" })).toBeVisible();
  await expect(ledger.getByTestId("line")).toHaveCount(3);
  await ledger.getByTestId("line").first().click();
  await expect(ledger.getByText("var/cache/pkg/index.db")).toBeVisible();
  await expect(ledger.getByText(/stored by layer 2, gone in layer 4/).first()).toBeVisible();
  await page.getByTestId("cost-by-instruction").focus();
  await page.keyboard.press("Enter");
  await expect(ledger.getByTestId("line").first()).toContainText("rm -rf /var/cache/pkg/*");
  await page.getByTestId("cost-by-path").click();
  await ledger.getByTestId("line").filter({ hasText: "srv/" }).click();
  await expect(ledger.getByTestId("line").filter({ hasText: "srv/shop/" })).toBeVisible();
  await expect(page.getByTestId("duplicates")).toContainText("srv/shop/next/index.html");
});

test("the map is entered by a click and by the keyboard, and left by Escape", async ({ app, page }) => {
  await openSamples(app, "shop-1.1.tar");
  await pane(page, "Cost");
  const map = page.getByTestId("map");
  const way = map.getByRole("navigation", { name: "Where you are in the tree" });
  await map.getByTestId("map-column").filter({ hasText: "usr/" }).click();
  await expect(way).toContainText("usr");
  await page.keyboard.press("Escape");
  await expect(way.getByText("usr")).toHaveCount(0);
  await map.getByTestId("map-column").first().focus();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Enter");
  await expect(way.getByRole("listitem")).toHaveCount(2);
  await way.getByRole("button", { name: "/" }).click();
  await map.getByText("The same as a table").click();
  await expect(map.getByRole("rowheader", { name: "usr", exact: true })).toBeVisible();
});

test("what is taken along has the bytes that the command line writes", async ({ app, page }) => {
  await openSamples(app, "shop-1.1.tar");
  await pane(page, "Cost");
  const path = sample("shop-1.1.tar");
  expect(await saved(page, "export-ledger")).toEqual(cli("waste", path, "--csv"));
  expect(await saved(page, "export-markdown")).toEqual(cli("waste", path, "--markdown"));
  expect((await saved(page, "export-tree")).toString()).toMatch(/^path,type,size,mode,uid,gid,mtime,layer,target\n/);
  expect((await saved(page, "export-svg")).toString()).toMatch(/^<svg xmlns=/);
  expect((await saved(page, "export-png")).subarray(1, 4).toString()).toBe("PNG");
});

test("two archives are compared, and the address brings the comparison back", async ({ app, page }) => {
  await openSamples(app, "shop-1.0.tar", "shop-1.1.tar");
  await app.archive(0).root.getByRole("link").first().click();
  await pane(page, "Compare");
  const verdict = page.getByTestId("verdict");
  await expect(verdict).toContainText("The two differ: 0 paths added, 2 removed, 3 changed.");
  await expect(page.getByTestId("trunk").getByRole("listitem")).toHaveCount(4);
  await expect(page.getByTestId("branch-b").getByRole("listitem")).toHaveCount(3);
  await page.getByTestId("show-removed").focus();
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("paths").locator("tbody tr")).toHaveCount(2);
  await page.getByTestId("compare-strict").click();
  await expect(page).toHaveURL(/how=strict/);
  await expect(verdict).toContainText("Everything");
  const bytes = await saved(page, "export-csv");
  const strict = (() => {
    try {
      return cli("diff", sample("shop-1.0.tar"), sample("shop-1.1.tar"), "--csv");
    } catch (differs) {
      return differs.stdout;
    }
  })();
  expect(bytes).toEqual(strict);
});

test("an image alone has nothing to be compared with", async ({ app, page }) => {
  await openSamples(app, "shop-1.1.tar");
  await pane(page, "Compare");
  await expect(page.getByText("There is no other image to compare with.")).toBeVisible();
});

test("the forest shows what open images share", async ({ app, page }) => {
  await openSamples(app, "shop-1.0.tar", "shop-1.1.tar");
  await page.getByRole("link", { name: "Forest" }).click();
  await expect(page).toHaveURL(/#\/forest$/);
  await expect(page.getByTestId("tree-slab")).toHaveCount(3);
  await expect(page.getByTestId("savings")).toContainText("Saved by sharing");
  await page.getByRole("button", { name: /4 layers.*under/ }).focus();
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("tree-details").getByRole("listitem")).toHaveCount(4);
  await page.getByText("The same as a table").click();
  const row = page.getByRole("row").filter({ has: page.getByRole("rowheader", { name: "example.org/shop:1.1" }) });
  await expect(row.getByRole("cell").last()).toHaveText("example.org/shop:1.0");
});
