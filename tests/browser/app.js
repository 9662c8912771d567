// The page as a person drives it.
import { test as base, expect } from "@playwright/test";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { environment } from "./environment.js";

export { expect };

// Every test watches the page: an error in the console, or a request that leaves the origin or finds nothing, fails it.
export const test = base.extend({
  app: async ({ page }, use) => {
    const app = new App(page);
    await use(app);
    expect(app.complaints, "the page complained").toEqual([]);
  },
});

export const fixture = (name) => join(environment.fixtures, name);

// What the command line says about the same file.
export const cliReport = (path) =>
  execFileSync(environment.cli, ["analyse", path, "--json"], { maxBuffer: 1 << 30, stdio: ["ignore", "pipe", "ignore"] });

export class App {
  complaints = [];

  constructor(page) {
    this.page = page;
    page.on("pageerror", (error) => this.complaints.push(String(error)));
    page.on("console", (message) => {
      if (message.type() === "error") this.complaints.push(message.text());
    });
    page.on("request", (request) => {
      const url = new URL(request.url());
      const local = url.protocol === "blob:" || url.protocol === "data:";
      if (!local && !request.url().startsWith(this.root)) this.complaints.push(`request to ${request.url()}`);
    });
    page.on("response", (response) => {
      if (response.status() >= 400) this.complaints.push(`${response.status()} for ${response.url()}`);
    });
  }

  // Opens the page, and waits until it can take files.
  async start(url = environment.url) {
    this.root = url;
    await this.page.goto(url);
    await this.input.waitFor({ state: "attached" });
    return this;
  }

  get input() {
    return this.page.getByTestId("archive-input");
  }

  get folderInput() {
    return this.page.getByTestId("folder-input");
  }

  // The nth opened archive.
  archive(index = 0) {
    return new Archive(this.page, this.page.getByTestId("archive").nth(index));
  }

  get archives() {
    return this.page.getByTestId("archive");
  }

  async open(...paths) {
    await this.input.setInputFiles(paths);
  }

  // Opens one fixture and waits for its end.
  async analyse(name) {
    const index = await this.archives.count();
    await this.open(fixture(name));
    const archive = this.archive(index);
    await archive.finished();
    return archive;
  }
}

export class Archive {
  constructor(page, root) {
    this.page = page;
    this.root = root;
  }

  state() {
    return this.root.getAttribute("data-state");
  }

  async finished(timeout = 30_000) {
    await expect(this.root).toHaveAttribute("data-state", /^(done|failed)$/, { timeout });
  }

  async expectState(state) {
    await expect(this.root).toHaveAttribute("data-state", state);
  }

  // The bytes that "Export JSON" saves, of the archive that is shown.
  async exportJson() {
    const download = this.page.waitForEvent("download");
    await this.page.getByTestId("export-json").click();
    return readFileSync(await (await download).path());
  }

  async report() {
    return JSON.parse(await this.exportJson());
  }
}
