// `cargo xtask test` serves the release build and says where it is; see xtask/src/test.rs.
import { defineConfig } from "@playwright/test";
import { environment, flags } from "./environment.js";

export default defineConfig({
  testDir: "specs",
  // One browser at a time: progress and memory are watched, and two cores are not many.
  workers: 1,
  timeout: 60_000,
  forbidOnly: !!process.env.CI,
  reporter: [["list"], ["json", { outputFile: environment.report }]],
  use: {
    baseURL: environment.url,
    browserName: "chromium",
    locale: "en-GB",
    // It would answer before the network does; the tests of offline work allow it.
    serviceWorkers: "block",
    launchOptions: { executablePath: environment.chromium, args: flags },
  },
});
