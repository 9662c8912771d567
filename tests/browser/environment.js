// What xtask tells the tests, and the browser's flags.
const told = (name) => {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run the browser tests by \`cargo xtask test\``);
  return value;
};

export const environment = {
  chromium: told("LAYERLAB_CHROMIUM"),
  url: told("LAYERLAB_URL"),
  cli: process.env.LAYERLAB_CLI,
  fixtures: process.env.LAYERLAB_FIXTURES,
  big: process.env.LAYERLAB_BIG,
  report: process.env.LAYERLAB_REPORT,
  // Debian's docker-registry and skopeo, where this machine has them.
  registry: process.env.LAYERLAB_REGISTRY,
  skopeo: process.env.LAYERLAB_SKOPEO,
};

// A name that is no loopback address: plain http from it is no secure context.
export const INSECURE_HOST = "layerlab.test";

export const flags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  `--host-resolver-rules=MAP ${INSECURE_HOST} 127.0.0.1`,
];

// The same address under the name that is not trusted.
export const insecureUrl = () => {
  const url = new URL(environment.url);
  url.hostname = INSECURE_HOST;
  return url.href;
};
