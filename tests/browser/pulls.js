// The pages of pulls as a person drives them.
import { expect } from "@playwright/test";
import { environment } from "./environment.js";

export class Pulls {
  constructor(page) {
    this.page = page;
  }

  // Opens a side of the module: `registry`, `doctor` or `source`.
  async open(side = "registry", url = environment.url) {
    await this.page.goto(`${url}#/pull/${side}`);
    await this.page.locator(".registry").waitFor();
    return this;
  }

  async fill({ reference, from, address }) {
    await this.page.locator('input[name="reference"]').fill(reference);
    await this.page.locator('select[name="from"]').selectOption(from);
    if (address) await this.page.locator('input[name="address"]').fill(address);
  }

  // Begins a pull, which is then the first of the list.
  async pull(order) {
    await this.fill(order);
    const before = await this.runs.count();
    await this.page.getByTestId("pull").click();
    await expect(this.runs).toHaveCount(before + 1);
    return this.runs.first();
  }

  async pulled(order) {
    const run = await this.pull(order);
    await expect(run).toHaveAttribute("data-state", /done|failed/, { timeout: 30_000 });
    const failure = run.getByTestId("failure");
    if (await failure.count()) throw new Error(await failure.textContent());
    return run;
  }

  // The key of the problem that a pull ends with.
  async failure(order) {
    const run = await this.pull(order);
    await expect(run).toHaveAttribute("data-state", "failed", { timeout: 60_000 });
    return run.getByTestId("failure").getAttribute("data-problem");
  }

  get runs() {
    return this.page.getByTestId("run");
  }

  get stored() {
    return this.page.getByTestId("stored");
  }

  // What lies in the private file system: { blobs: { digest: sha256 of the bytes }, parts: { digest: size } }.
  async shelf() {
    return this.page.evaluate(async () => {
      const root = await navigator.storage.getDirectory();
      const found = { blobs: {}, parts: {} };
      const store = await root.getDirectoryHandle("layerlab-store").catch(() => null);
      if (!store) return found;
      for (const kind of ["blobs", "parts"]) {
        // The puller may be about to make it.
        const folder = await store.getDirectoryHandle(kind).catch(() => null);
        if (!folder) continue;
        for await (const [name, handle] of folder.entries()) {
          // A part takes the name of its digest by a move, which may fall between listing it and looking at it.
          const moved = (error) => (kind === "parts" && error.name === "NotFoundError" ? null : Promise.reject(error));
          const file = await handle.getFile().catch(moved);
          if (!file) continue;
          if (kind === "parts") {
            found.parts[name.replace("-", ":")] = file.size;
            continue;
          }
          const hash = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
          const hex = [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
          found.blobs[name.replace("-", ":")] = `sha256:${hex}`;
        }
      }
      return found;
    });
  }

  // Nothing lies under a digest that its bytes do not have.
  async expectNothingFalse() {
    const { blobs } = await this.shelf();
    for (const [name, digest] of Object.entries(blobs)) expect(digest).toBe(name);
    return Object.keys(blobs);
  }
}
