// What an image says of itself, and what is hidden in it.
import { expect, test } from "../../app.js";

const open = async (app, page, pane) => {
  await app.start();
  await app.analyse("secrets.tar");
  await page.getByRole("navigation").getByRole("link", { name: pane, exact: true }).click();
};

test("the recovered Dockerfile marks what is known and what is guessed, each line with its layer", async ({ app, page }) => {
  await open(app, page, "Facts");
  const recipe = page.getByTestId("dockerfile");
  await expect(page.getByTestId("distribution")).toContainText("Debian 12");
  const from = recipe.getByRole("listitem").filter({ hasText: "FROM debian:12" });
  await expect(from).toContainText("guessed");
  const copy = recipe.getByRole("listitem").filter({ hasText: "COPY secrets /" });
  await expect(copy).toContainText("known");
  await copy.getByRole("link", { name: "Layer 2" }).click();
  await expect(page).toHaveURL(/\/layers\?layer=2$/);
});

test("secrets of the config are masked among the facts until they are asked for", async ({ app, page }) => {
  await open(app, page, "Facts");
  const config = page.getByTestId("config");
  await expect(config).toContainText("API_TOKEN");
  await expect(config).not.toContainText("f3a9c1d2");
  await page.getByTestId("masked").getByRole("button").click();
  await expect(config).toContainText("f3a9c1d2");
});

test("packages are told by layer, and a raw document is opened in place with its commands", async ({ app, page }) => {
  await open(app, page, "Facts");
  const packages = page.getByTestId("packages");
  await packages.locator("summary").last().click();
  await expect(packages).toContainText("curl");
  await expect(packages).toContainText("1 → 2");
  const documents = page.getByTestId("raw-documents");
  const config = documents.getByRole("button", { name: /^Config/ });
  await config.focus();
  await page.keyboard.press("Enter");
  await expect(documents.getByTestId("raw-text")).toContainText('"architecture": "amd64"');
  await expect(documents).toContainText("skopeo inspect --raw --config oci-archive:secrets.tar");
  await page.keyboard.press("Enter");
  await expect(documents.getByTestId("raw-text")).toHaveCount(0);
});

test("a deleted key comes first, is masked, and is proved from its layer", async ({ app, page }) => {
  await open(app, page, "Hidden");
  const gone = page.getByTestId("secrets-gone").getByTestId("secret");
  await expect(gone).toHaveCount(1);
  await expect(page.getByTestId("secret").first()).toContainText("root/.ssh/id_rsa");
  await expect(gone).toContainText("deleted by layer 3, and still stored");
  await expect(gone).not.toContainText("MIIEpQIBAAKCAQEA");
  const buttons = gone.getByRole("button");
  await gone.getByRole("button", { name: "Open to prove it" }).click();
  await expect(gone.getByTestId("proof")).toContainText("Read again from layer 2");
  await expect(gone.getByTestId("proof")).not.toContainText("MIIEpQIBAAKCAQEA");
  await buttons.first().focus();
  await page.keyboard.press("Space");
  await expect(gone.getByTestId("secret-value")).toContainText("MIIEpQIBAAKCAQEA");
  await expect(gone.getByTestId("proof")).toContainText("MIIEpQIBAAKCAQEA");
});

test("permissions of the merged tree are grouped by what they mean, and the search says how much it has seen", async ({ app, page }) => {
  await open(app, page, "Hidden");
  await expect(page.getByTestId("permissions")).toContainText("bin/su");
  await expect(page.getByTestId("permissions")).toContainText("4755");
  await expect(page.getByTestId("searched")).toContainText("text files");
  await expect(page.getByTestId("secrets-config")).toContainText("API_TOKEN");
});

test("an archive without secrets says so", async ({ app, page }) => {
  await app.start();
  await app.analyse("docker.tar");
  await page.getByRole("navigation").getByRole("link", { name: "Hidden", exact: true }).click();
  await expect(page.getByText("No secret was found.")).toBeVisible();
});

test("both panes speak Chinese", async ({ app, page }) => {
  await open(app, page, "Hidden");
  await page.getByRole("button", { name: "中" }).or(page.getByRole("radio", { name: "中" })).or(page.getByText("中", { exact: true })).first().click();
  await expect(page.getByTestId("hidden")).toContainText("镜像中已看不到，但仍然存着");
});
