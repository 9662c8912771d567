// The side "files": the tree of an image, by mouse and by keyboard, and a path's life, content and extraction.
import { mkdtempSync, openSync, readFileSync, rmSync, writeSync, closeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "../../app.js";
import { environment } from "../../environment.js";

const SHOP = new URL("../../../../static/samples/shop-1.1.tar", import.meta.url).pathname;

class Files {
  constructor(page) {
    this.page = page;
    this.tree = page.getByTestId("tree");
    this.search = page.getByTestId("files-search");
    this.filter = page.getByTestId("files-filter");
    this.side = page.getByTestId("side");
  }

  // Opens the archive, and its side "files".
  static async open(app, page, path = SHOP) {
    await app.start();
    await app.open(path);
    await app.archive().finished(120_000);
    await page.locator(".tabs").getByRole("link", { name: "Files" }).click();
    const files = new Files(page);
    await expect(files.tree).toBeVisible({ timeout: 60_000 });
    return files;
  }

  row(name) {
    return this.page.locator(`[data-testid=row][data-name="${name}"]`);
  }

  names() {
    return this.page.getByTestId("row").evaluateAll((rows) => rows.map((row) => row.dataset.name));
  }

  async unfold(...names) {
    for (const name of names) await this.row(name).first().getByTestId("twisty").click();
  }
}

test("by mouse: a layer's own changes, the merged tree and a range, each change by word and by sign", async ({ app, page }) => {
  const files = await Files.open(app, page);
  await page.getByTestId("pick").last().click();
  await expect(files.row("etc")).toContainText("added");
  await page.getByTestId("pick").first().click();
  await page.getByTestId("way-own").click();
  await expect.poll(() => files.names()).toEqual(["etc"]);
  await page.getByTestId("expand-changes").click();
  await expect(files.row("shop.conf")).toContainText("Mcontent");
  await page.getByTestId("way-range").click();
  await page.getByTestId("range-from").selectOption("0");
  await expect(files.row("bin")).toContainText("+added");
  await page.getByTestId("change-added").click();
  await expect(files.row("bin")).toHaveCount(0);
});

test("a path has a life, facts, a content, and a difference from the version below", async ({ app, page }) => {
  const files = await Files.open(app, page);
  await files.unfold("etc");
  await files.row("shop.conf").click();
  await expect(page.getByTestId("side-name")).toHaveText("etc/shop.conf");
  await expect(page.getByTestId("life")).toContainText("replaced");
  await expect(page.getByTestId("chapter")).toHaveCount(2);
  await expect(page.getByTestId("content-text")).toContainText("channel = next");
  await page.getByTestId("chapter").last().click();
  await expect(page.getByTestId("content-text")).toContainText("channel = stable");
  await page.getByTestId("chapter").first().click();
  await page.getByTestId("compare").click();
  await expect(page.getByTestId("difference")).toContainText("channel = stable");
  await expect(page.getByTestId("difference")).toContainText("channel = next");
  // The address leads back to the path.
  const link = page.url();
  expect(link).toContain("path=etc/shop.conf");
  await page.getByTestId("side-close").click();
  await expect(files.side).toHaveCount(0);
});

test("what is gone from the image is still stored, and opened", async ({ app, page }) => {
  const files = await Files.open(app, page);
  await page.getByTestId("way-range").click();
  await page.getByTestId("pick").nth(3).click();
  await page.getByTestId("range-from").selectOption("2");
  await files.filter.fill("build.log");
  await expect(files.row("build.log")).toContainText("removed");
  await files.row("build.log").click();
  await expect(page.getByTestId("life")).toContainText("A process sees nothing here");
  await expect(page.getByTestId("content-text")).toContainText("fetching index");
});

test("by keyboard: walk, unfold, search, filter, choose", async ({ app, page }) => {
  const files = await Files.open(app, page);
  await files.tree.focus();
  await page.keyboard.press("e");
  await expect(page.locator(".tree__row--focus")).toHaveAttribute("data-name", "etc");
  await page.keyboard.press("ArrowRight");
  await expect(files.row("passwd")).toBeVisible();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("ArrowLeft");
  await expect(files.row("passwd")).toHaveCount(0);
  await page.keyboard.press("/");
  await expect(files.search).toBeFocused();
  await page.keyboard.type("sqlite.so.3");
  await expect(page.getByTestId("search-place")).toHaveText("1 of 1");
  await expect(files.row("libsqlite.so.3")).toBeVisible();
  await page.keyboard.press("Escape");
  await files.tree.focus();
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("side-name")).toHaveText("usr/lib/libsqlite.so.3");
  await expect(page.getByTestId("content-hex")).toContainText("00000000");
  await files.tree.focus();
  await page.keyboard.press("Escape");
  await expect(files.side).toHaveCount(0);
  await page.keyboard.press("=");
  await expect(page.getByTestId("way-own")).toHaveAttribute("aria-checked", "true");
  await page.keyboard.press("[");
  await expect(page.locator(".pick--on")).toContainText("6");
  await page.keyboard.press("#");
  await expect(page.getByTestId("largest-first")).toHaveAttribute("aria-pressed", "true");
});

test("the filter hides the rest, by text, glob, regular expression, size and kind, and says what is no pattern", async ({ app, page }) => {
  const files = await Files.open(app, page);
  await files.filter.fill("shop.conf");
  await expect.poll(() => files.names()).toEqual(["etc", "shop.conf"]);
  await files.unfold("etc");
  await expect.poll(() => files.names()).toEqual(["etc"]);
  await page.getByTestId("filter-mode").selectOption("glob");
  await files.filter.fill("*.pem");
  await expect(files.row("roots.pem")).toBeVisible();
  await page.getByTestId("filter-mode").selectOption("regex");
  await files.filter.fill("^shop(");
  await expect(page.getByRole("alert")).toContainText("no pattern");
  await files.filter.fill("^libc\\.so\\.[0-9]$");
  await expect(files.row("libc.so.1")).toBeVisible();
  await files.filter.fill("");
  await page.getByTestId("filter-kind").selectOption("symlink");
  await expect(files.row("libc.so")).toContainText("libc.so.1");
  await page.getByTestId("filter-kind").selectOption("");
  await page.getByTestId("filter-size").fill(">50k");
  await expect(files.row("libc.so.1")).toBeVisible();
  await expect(files.row("motd")).toHaveCount(0);
});

test("a file is saved as it is, and a folder as a tar", async ({ app, page }) => {
  const files = await Files.open(app, page);
  const saved = async (button) => {
    const download = page.waitForEvent("download");
    await button.click();
    const file = await download;
    return [file.suggestedFilename(), readFileSync(await file.path())];
  };
  await files.unfold("etc");
  await files.row("motd").click();
  const [name, bytes] = await saved(page.getByTestId("take-file"));
  expect([name, bytes.toString()]).toEqual(["motd", "Welcome to Tiny 3.\n"]);
  await files.row("etc").click();
  const [tarName, tar] = await saved(files.side.getByTestId("take-tar"));
  expect(tarName).toBe("etc.tar");
  expect(tar.subarray(0, 5).toString()).toBe("etc/\x00");
  expect(tar.includes("channel = next")).toBe(true);
  const [rootName, root] = await saved(page.locator(".toolbar").getByTestId("take-tar"));
  expect(rootName).toBe("rootfs.tar");
  expect(root.length).toBeGreaterThan(100_000);
});

test("a layer of a million paths is opened, searched and walked", async ({ app, page }) => {
  test.skip(!environment.big, "only with --full");
  test.setTimeout(300_000);
  const folder = mkdtempSync(join(tmpdir(), "layerlab-million-"));
  const path = join(folder, "million.tar");
  writeMillion(path);
  const files = await Files.open(app, page, path);
  const timed = async (work) => {
    const start = Date.now();
    await work();
    return Date.now() - start;
  };
  // The bounds of the specification, and what a round trip of the test itself takes.
  expect(await timed(() => page.getByTestId("way-own").click())).toBeLessThan(1_000);
  await files.search.fill("file_99999");
  await expect(page.getByTestId("search-place")).toHaveText("1 of 11", { timeout: 10_000 });
  await page.getByTestId("expand-all").click();
  await expect(files.tree).toHaveAttribute("aria-rowcount", /^10\d{5}$/, { timeout: 20_000 });
  await files.tree.focus();
  await page.keyboard.press("End");
  await expect(page.locator(".tree__row--focus")).toBeVisible({ timeout: 10_000 });
  rmSync(folder, { recursive: true });
});

// A bare layer of a million empty files in ten thousand folders.
function writeMillion(path) {
  const file = openSync(path, "w");
  for (let folder = 0; folder < 10_000; folder++) {
    const block = Buffer.alloc(512 * 100);
    for (let at = 0; at < 100; at++) {
      const header = block.subarray(at * 512, at * 512 + 512);
      header.write(`data/folder_${folder}/file_${folder * 100 + at}`, 0);
      // Mode, owner, group, size and time; the checksum counts as spaces.
      const fields = ["0000644", "0000000", "0000000", "00000000000", "00000000000"];
      header.write(fields.map((field) => field + "\x00").join("") + " ".repeat(8) + "0", 100);
      header.write("ustar\x0000", 257);
      const sum = header.reduce((sum, byte) => sum + byte, 0);
      header.write(sum.toString(8).padStart(6, "0") + "\x00 ", 148);
    }
    writeSync(file, block);
  }
  writeSync(file, Buffer.alloc(1024));
  closeSync(file);
}
