// Every form of archive is opened, and the browser's report is the command line's, byte for byte.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { cliReport, expect, fixture, test } from "../../app.js";
import { environment } from "../../environment.js";

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

// Archives that real tools saved, with the values that an independent program computed.
const images = new URL("../../../images/", import.meta.url).pathname;
const saved = listing(images).filter((name) => name.endsWith(".expected.json"));
for (const expected of saved.filter((_, index) => index % 3 === 0)) {
  const name = expected.replace(".expected.json", "");
  test(`${name} has the expected report`, async ({ app }) => {
    await app.start();
    await app.open(join(images, name));
    await app.archive().finished();
    const report = await app.archive().report();
    expectAgreement(report, JSON.parse(readFileSync(join(images, expected), "utf8")), "");
  });
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

function listing(folder) {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}
