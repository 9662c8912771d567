// The lessons: done by mouse, by keyboard alone, on a projector, and from links of strangers.
import AxeBuilder from "@axe-core/playwright";
import { expect, test } from "../../app.js";
import { environment } from "../../environment.js";

class Learn {
  constructor(app, page) {
    this.app = app;
    this.page = page;
    app.root = environment.url;
  }

  async open(address) {
    await this.page.goto(`${environment.url}#${address}`);
    await this.page.locator(".learn").waitFor({ state: "attached", timeout: 30_000 });
    return this;
  }

  // Scenarios hash real tars when they start.
  async lesson(id) {
    await this.open(`/learn/${id}`);
    await this.page.getByTestId("lesson").waitFor({ timeout: 30_000 });
    return this;
  }

  get stage() {
    return this.page.getByTestId("stage").first();
  }

  async rest() {
    await expect(this.stage).toHaveAttribute("data-moving", "false", { timeout: 30_000 });
  }

  // Brings what moves to its end.
  async hurry() {
    const end = this.page.getByTestId("to-end").first();
    if (await end.isEnabled()) await end.click();
    await this.rest();
  }

  async type(line) {
    const input = this.page.getByTestId("command");
    await input.fill(line);
    await input.press("Enter");
  }

  // A tile of the picture by its place: the merged view, or a read-only or writable slab.
  tile(name, where = ".st-seen") {
    return this.page.locator(`${where}:has(text:text-is("${name}"))`).first();
  }

  async tabTo(locator, presses = 150) {
    for (let press = 0; press < presses; press += 1) {
      if (await locator.evaluate((element) => element === document.activeElement)) return;
      await this.page.keyboard.press("Tab");
    }
    throw new Error(`${locator} is not reached by Tab`);
  }
}

const learnTest = test.extend({
  learn: async ({ app, page }, use) => use(new Learn(app, page)),
});

learnTest("a whole lesson by mouse: played, predicted, its goal reached, and remembered", async ({ learn, page }) => {
  await learn.lesson("union-mount");
  for (const command of await page.getByTestId("play-command").all()) {
    await command.click();
    await learn.hurry();
  }
  await expect(page.getByTestId("log")).toContainText("127.0.0.1 localhost");
  for (const question of await page.getByTestId("question").all()) {
    await question.getByRole("radio").first().click();
    await question.getByTestId("reveal").click();
    await expect(question.getByTestId("verdict")).toBeVisible();
  }
  await expect(page.getByTestId("goal")).toHaveAttribute("data-reached", "false");
  await page.getByTestId("show-solution").click();
  await page.getByTestId("play-solution").click();
  await expect(page.getByTestId("goal")).toHaveAttribute("data-reached", "true");
  await expect(page.getByTestId("praise")).toBeVisible();
  await expect(page.getByTestId("next")).toBeVisible();
  await learn.open("/learn");
  await expect(page.getByTestId("lessons").locator("li.is-done")).toHaveCount(1);
  await page.getByTestId("forget").click();
  await page.getByTestId("forget").click();
  await expect(page.getByTestId("lessons").locator("li.is-done")).toHaveCount(0);
});

learnTest("a whole lesson by keyboard alone", async ({ learn, page }) => {
  await learn.lesson("copy-on-write");
  const question = page.getByTestId("question").first();
  await learn.tabTo(question.getByRole("radio").first());
  await page.keyboard.press("Space");
  await learn.tabTo(question.getByTestId("reveal"));
  await page.keyboard.press("Enter");
  await expect(question.getByTestId("verdict")).toBeVisible();

  // The picture: from tile to tile, and the step keys.
  await learn.tabTo(page.getByTestId("picture"));
  await page.keyboard.press("ArrowDown");
  await expect(page.getByTestId("chosen")).toContainText("/bin/sh");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("e");
  await expect(page.getByTestId("log")).toContainText("echo changed >>");
  await page.keyboard.press(" ");
  await learn.rest().catch(() => {});

  await learn.tabTo(page.getByTestId("undo"));
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("bench")).toHaveAttribute("data-moves", "0");
  await learn.tabTo(page.getByTestId("command"));
  await page.keyboard.type("rm -r /var/lib/my");
  await page.keyboard.press("Tab");
  await expect(page.getByTestId("command")).toHaveValue("rm -r /var/lib/mysql/");
  await page.keyboard.press("Enter");
  await page.keyboard.type("mkdir /var/lib/mysql");
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("goal")).toHaveAttribute("data-reached", "true");
  await page.keyboard.press("ArrowUp");
  await expect(page.getByTestId("command")).toHaveValue("mkdir /var/lib/mysql");
});

learnTest("a film is stepped, scrubbed, interrupted, and listed", async ({ learn, page }) => {
  await learn.lesson("copy-on-write");
  await learn.type("echo hello >> /etc/motd");
  await expect(learn.stage).toHaveAttribute("data-moving", "true");
  await page.getByTestId("play").click();
  await learn.rest();
  const steps = Number(await learn.stage.getAttribute("data-steps"));
  expect(steps).toBeGreaterThan(2);
  await page.getByTestId("to-start").click();
  await expect(learn.stage).toHaveAttribute("data-step", "0");
  await page.getByTestId("step-forward").click();
  await learn.rest();
  await expect(learn.stage).toHaveAttribute("data-step", "1");
  await page.getByTestId("scrubber").fill(String(steps));
  await expect(learn.stage).toHaveAttribute("data-step", String(steps));
  await expect(page.getByTestId("caption")).toContainText("/etc/motd");
  await page.locator(".strip summary").click();
  await page.getByTestId("steps").getByRole("button").first().click();
  await expect(learn.stage).toHaveAttribute("data-step", "1");
  await page.getByTestId("as-text").click();
  await expect(page.locator(".as-text table")).toContainText("/etc/motd");
});

learnTest("a tile pulled up is changed, a tile struck out is deleted", async ({ learn, page }) => {
  await learn.lesson("copy-on-write");
  const drag = async (tile, dx, dy) => {
    await tile.scrollIntoViewIfNeeded();
    const box = await tile.boundingBox();
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    await page.mouse.move(x, y);
    await page.mouse.down();
    await page.mouse.move(x + dx / 2, y + dy / 2);
    await page.mouse.move(x + dx, y + dy);
    await page.mouse.up();
  };
  await drag(learn.tile("motd"), 0, -50);
  await expect(page.getByTestId("log")).toContainText("echo changed >> /etc/motd");
  await learn.hurry();
  await expect(page.locator(".st-tile.is-writable:not(.st-seen)")).toHaveCount(1);
  await drag(learn.tile("motd"), 60, 0);
  await expect(page.getByTestId("log")).toContainText("rm /etc/motd");
  await learn.hurry();
  await expect(page.locator(".st-lid")).toHaveCount(1);
});

learnTest("in the teacher's mode one key leads to the end", async ({ learn, page }) => {
  await learn.lesson("union-mount");
  await page.getByTestId("teach").click();
  const teacher = page.getByTestId("teacher");
  await expect(teacher).toBeVisible();
  for (let press = 0; press < 80 && (await page.getByTestId("goal").count()) === 0; press += 1) {
    await page.keyboard.press("ArrowRight");
    await page.waitForTimeout(60);
  }
  await expect(page.getByTestId("goal")).toBeVisible();
  const before = await teacher.getAttribute("data-part");
  await page.keyboard.press("ArrowLeft");
  expect(await teacher.getAttribute("data-part")).not.toBe(before);
  await page.keyboard.press("Escape");
  await expect(teacher).toHaveCount(0);
  await expect(page.getByTestId("lesson")).toBeVisible();
});

learnTest("a sandbox is shared as a link, and a damaged one is refused", async ({ learn, page }) => {
  await learn.open("/learn/sandbox");
  await page.getByTestId("sandbox").waitFor({ timeout: 30_000 });
  await learn.type("rm /etc/motd");
  await expect(page.getByTestId("bench")).toHaveAttribute("data-moves", "1");
  const link = await page.getByTestId("share").inputValue();
  await page.goto("about:blank");
  await page.goto(link);
  await expect(page.getByTestId("bench")).toHaveAttribute("data-moves", "1", { timeout: 30_000 });
  await page.goto("about:blank");
  await page.goto(link.slice(0, -9));
  await expect(page.getByRole("alert")).toBeVisible({ timeout: 30_000 });
});

learnTest("a stranger's lesson is refused where it is more than text", async ({ learn, page }) => {
  await learn.open("/learn/open");
  const hostile = { schema: "layerlab.lesson/1", id: "x", title: { en: "a", "zh-CN": "b" }, parts: "<img src=x onerror=alert(1)>" };
  await page.getByTestId("lesson-file").setInputFiles({
    name: "lesson.json",
    mimeType: "application/json",
    buffer: Buffer.from(JSON.stringify(hostile)),
  });
  await expect(page.getByRole("alert")).toBeVisible();
  expect(await page.locator("img").count()).toBe(0);
});

learnTest.describe("with reduced motion", () => {
  learnTest.use({ contextOptions: { reducedMotion: "reduce" } });
  learnTest("the same steps happen, and nothing travels", async ({ learn, page }) => {
    await learn.lesson("union-mount");
    await learn.type("cat /etc/motd");
    const steps = await learn.stage.getAttribute("data-steps");
    await page.getByTestId("to-start").click();
    await page.getByTestId("step-forward").click();
    await learn.rest();
    await expect(learn.stage).toHaveAttribute("data-step", "1");
    await page.getByTestId("play").click();
    await expect(learn.stage).toHaveAttribute("data-step", steps, { timeout: 20_000 });
  });
});

for (const colorScheme of ["light", "dark"]) {
  learnTest.describe(`axe, ${colorScheme}`, () => {
    learnTest.use({ colorScheme });
    for (const address of ["/learn", "/learn/copy-on-write", "/learn/build", "/learn/sandbox", "/learn/union-mount?teach"]) {
      learnTest(`finds nothing at ${address}`, async ({ learn, page }) => {
        await learn.open(address);
        if (address !== "/learn") {
          await learn.stage.waitFor({ timeout: 30_000 });
          if (!address.endsWith("teach")) await page.getByTestId("as-text").click();
        }
        const { violations } = await new AxeBuilder({ page }).analyze();
        expect(violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html.slice(0, 160))])).toEqual([]);
      });
    }
  });
}

learnTest.describe("a telephone", () => {
  learnTest.use({ viewport: { width: 390, height: 844 } });
  for (const address of ["/learn", "/learn/copy-on-write", "/learn/sandbox"]) {
    learnTest(`needs no scrolling sideways at ${address}`, async ({ learn, page }) => {
      await learn.open(address);
      if (address !== "/learn") await learn.stage.waitFor({ timeout: 30_000 });
      expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBe(0);
    });
  }
});
