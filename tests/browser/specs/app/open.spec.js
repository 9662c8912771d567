// Every form of archive is opened, and the browser's report is the command line's, byte for byte.
import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { cliReport, expect, fixture, test } from "../../app.js";

const kinds = Object.entries(JSON.parse(readFileSync(fixture("kinds.json"), "utf8")));

for (const [name, kind] of kinds.filter(([, kind]) => kind !== null)) {
  test(`${name} is opened as ${kind}, and its report is the command line's`, async ({ app }) => {
    await app.start();
    const archive = await app.analyse(name);
    await archive.expectState("done");
    const exported = await archive.exportJson();
    expect(JSON.parse(exported).kind).toBe(kind);
    expect(exported.toString()).toBe(cliReport(fixture(name)).toString());
  });
}

for (const [name] of kinds.filter(([, kind]) => kind === null)) {
  test(`${name} is refused in a sentence`, async ({ app }) => {
    await app.start();
    const archive = await app.analyse(name);
    await archive.expectState("failed");
    expect((await archive.root.innerText()).trim().length).toBeGreaterThan(20);
  });
}

test("a folder with an OCI layout is opened", async ({ app }) => {
  await app.start();
  await app.folderInput.setInputFiles(fixture("layout"));
  const archive = app.archive();
  await archive.finished();
  await archive.expectState("done");
  const report = await archive.report();
  expect(report.kind).toBe("oci-layout");
  expect(report.images[0].layers.map((layer) => [layer.digest_ok, layer.diff_id_ok])).toEqual([
    [true, true],
    [true, true],
  ]);
});

test("a sample is opened with one click", async ({ app, page }) => {
  await app.start();
  await page.getByTestId("sample").first().click();
  await app.archive().finished();
  await app.archive().expectState("done");
});

// Archives that real tools saved, with the values that an independent program computed. They are no part of the
// project: LAYERLAB_IMAGES names their folder, or they lie beside the checkout.
const images = process.env.LAYERLAB_IMAGES ?? fileURLToPath(new URL("../../../../../shared/images", import.meta.url));
const saved = existsSync(images) ? readdirSync(images, { recursive: true }).map(String).sort() : [];
// Folders are opened above; a third of the rest stands for all, which the command line's tests compare.
const expectations = saved.filter((name) => name.endsWith(".expected.json") && archiveOf(name));
for (const expected of expectations.filter((_, index) => index % 3 === 0)) {
  test(`${expected.replace(".expected.json", "")} has the expected report`, async ({ app }) => {
    await app.start();
    await app.open(archiveOf(expected));
    await app.archive().finished();
    const report = await app.archive().report();
    const oracle = JSON.parse(readFileSync(join(images, expected), "utf8"));
    if (oracle.images.length > 0) expectAgreement(report, oracle, "");
    // The oracle reads images alone; a bare layer is one unnamed image here.
    else expect(["layer", "rootfs"]).toContain(report.kind);
  });
}

function archiveOf(expected) {
  const path = join(images, expected.replace(".expected.json", ""));
  return statSync(path, { throwIfNoEntry: false })?.isFile() ? path : null;
}

// A key that both have must be equal.
function expectAgreement(found, expected, where) {
  if (Array.isArray(expected) && Array.isArray(found)) {
    // Findings have their own words on each side.
    if (where.endsWith(".findings")) return;
    expect(found.length, `${where}.length`).toBe(expected.length);
    expected.forEach((value, index) => expectAgreement(found[index], value, `${where}[${index}]`));
  } else if (isObject(expected) && isObject(found)) {
    for (const key of Object.keys(expected).filter((key) => key in found)) {
      expectAgreement(found[key], expected[key], `${where}.${key}`);
    }
  } else if (typeof expected === "number" && typeof found === "number") {
    expect(found, where).toBeCloseTo(expected, 6);
  } else {
    expect(found, where).toEqual(expected);
  }
}

function isObject(value) {
  return typeof value === "object" && value !== null;
}
