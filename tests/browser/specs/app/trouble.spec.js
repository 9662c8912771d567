// Ways in beside the file picker, and what the browser can do to us: workers that do not start, no room on the disk.
import { readFileSync } from "node:fs";
import { cliReport, expect, fixture, test } from "../../app.js";

// A DataTransfer of the page that holds one file.
const carrying = (page, name) =>
  page.evaluateHandle(
    ([name, bytes]) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([Uint8Array.from(bytes)], name));
      return transfer;
    },
    [name, [...readFileSync(fixture(name))]],
  );

test("a file that is dragged over the window is awaited, and opened where it is dropped", async ({ app, page }) => {
  await app.start();
  const dataTransfer = await carrying(page, "docker.tar");
  await page.dispatchEvent("body", "dragenter", { dataTransfer });
  await expect(page.getByTestId("drop-zone")).toBeVisible();
  await page.dispatchEvent("body", "dragleave", { dataTransfer });
  await expect(page.getByTestId("drop-zone")).toBeHidden();
  await page.dispatchEvent("body", "dragenter", { dataTransfer });
  await page.dispatchEvent("body", "drop", { dataTransfer });
  await expect(page.getByTestId("drop-zone")).toBeHidden();
  await app.archive().finished();
  await app.archive().expectState("done");
});

test("a pasted file is opened", async ({ app, page }) => {
  await app.start();
  const transfer = await carrying(page, "oci-gzip.tar");
  await page.evaluate(
    (clipboardData) => document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true })),
    transfer,
  );
  await app.archive().finished();
  await app.archive().expectState("done");
});

test("a worker that does not start is said, and the archive can be opened again", async ({ app, page }) => {
  await page.route(/worker_bg/, (route) => route.abort());
  await app.start();
  await app.analyse("docker.tar");
  await app.archive().expectState("failed");
  await page.unroute(/worker_bg/);
  const second = await app.analyse("docker.tar");
  await second.expectState("done");
  // The browser itself complains of what was withheld from it.
  app.complaints.length = 0;
});

test("without room for a spool a compressed archive is read in two passes", async ({ app, page }) => {
  await app.start();
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Storage.overrideQuotaForOrigin", { origin: new URL(page.url()).origin, quotaSize: 1 });
  const archive = await app.analyse("docker.tar.zst");
  await archive.expectState("done");
  expect((await archive.exportJson()).toString()).toBe(cliReport(fixture("docker.tar.zst")).toString());
});
