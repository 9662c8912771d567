// Real registries, and servers that lie, for the tests of pulls.
import { spawn, execFileSync } from "node:child_process";
import { createHash, createPrivateKey, sign, X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import http from "node:http";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { environment } from "./environment.js";

const SAMPLES = join(dirname(fileURLToPath(import.meta.url)), "../../static/samples");
export const sample = (name) => join(SAMPLES, name);

export const sha256 = (bytes) => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;

// Every header that a page needs to read a registry.
export const cors = (origin = "*") => ({
  "Access-Control-Allow-Origin": origin,
  "Access-Control-Allow-Headers": "Authorization, Accept, Range",
  "Access-Control-Expose-Headers": "Docker-Content-Digest, WWW-Authenticate, Content-Range, Retry-After",
});

// A server on a free port of the loopback; `requests` is its log.
export async function serve(answer) {
  const requests = [];
  const server = http.createServer((request, response) => {
    requests.push({ method: request.method, url: request.url, range: request.headers.range });
    Promise.resolve(answer(request, response)).catch((error) => {
      response.destroy();
      if (error.code !== "ECONNRESET") console.error(error);
    });
  });
  const sockets = new Set();
  server.on("connection", (socket) => sockets.add(socket.on("close", () => sockets.delete(socket))));
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address();
  const close = () =>
    new Promise((done) => {
      server.close(done);
      for (const socket of sockets) socket.destroy();
    });
  return { url: `http://localhost:${port}`, port, requests, close };
}

// Debian's docker-registry, filled by skopeo from the project's own samples.
export class DockerRegistry {
  static available = () => !!environment.registry && !!environment.skopeo;

  static async start({ headers = true, token = null } = {}) {
    const folder = mkdtempSync(join(tmpdir(), "layerlab-registry-"));
    const probe = await serve(() => {});
    await probe.close();
    const auth = token
      ? { auth: { token: { realm: token.realm, service: token.service, issuer: token.issuer, rootcertbundle: token.certificate } } }
      : {};
    const lists = Object.fromEntries(Object.entries(cors()).map(([name, value]) => [name, [value]]));
    const config = {
      version: "0.1",
      log: { level: "error", accesslog: { disabled: true } },
      storage: { filesystem: { rootdirectory: join(folder, "data") } },
      http: { addr: `127.0.0.1:${probe.port}`, headers: headers ? lists : {} },
    };
    const start = async (extra) => {
      // JSON is YAML.
      writeFileSync(join(folder, "config.yml"), JSON.stringify({ ...config, ...extra }));
      const child = spawn(environment.registry, ["serve", join(folder, "config.yml")], { stdio: "ignore" });
      await answers(`http://127.0.0.1:${probe.port}/v2/`);
      return child;
    };
    // It is filled before it wants tokens.
    let child = await start({});
    for (const [archive, name] of [["docker-archive:shop-1.0.tar", "shop:1.0"], ["oci-archive:shop-1.1.tar", "shop:1.1"]]) {
      const target = `docker://127.0.0.1:${probe.port}/${name}`;
      execFileSync(environment.skopeo, ["copy", "-q", "--insecure-policy", "--dest-tls-verify=false", archive, target], { cwd: SAMPLES });
    }
    if (token) {
      await ended(child);
      child = await start(auth);
    }
    const registry = new DockerRegistry();
    Object.assign(registry, { child, port: probe.port, url: `http://localhost:${probe.port}` });
    return registry;
  }

  // The bytes of a manifest or blob, as the registry has them.
  async bytes(path, accept = "application/vnd.docker.distribution.manifest.v2+json,application/vnd.oci.image.manifest.v1+json") {
    const response = await fetch(`${this.url}/v2/${path}`, { headers: { Accept: accept } });
    if (!response.ok) throw new Error(`${response.status} for ${path}`);
    return Buffer.from(await response.arrayBuffer());
  }

  stop = () => ended(this.child);
}

// A token server that grants what is asked for, as distribution believes it.
export async function tokenServer() {
  const folder = mkdtempSync(join(tmpdir(), "layerlab-token-"));
  const [key, certificate] = [join(folder, "key.pem"), join(folder, "certificate.pem")];
  execFileSync("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=layerlab-test", "-keyout", key, "-out", certificate], { stdio: "ignore" });
  const [issuer, service] = ["layerlab-tests", "layerlab-registry"];
  const x5c = [new X509Certificate(readFileSync(certificate)).raw.toString("base64")];
  const privateKey = createPrivateKey(readFileSync(key));
  const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const server = await serve((request, response) => {
    const scopes = new URL(request.url, "http://x").searchParams.getAll("scope");
    const access = scopes.map((scope) => scope.split(":")).map(([type, name, actions]) => ({ type, name, actions: actions.split(",") }));
    const now = Math.floor(Date.now() / 1000);
    const claims = { iss: issuer, sub: "", aud: service, exp: now + 300, nbf: now - 10, iat: now, jti: String(now), access };
    const body = `${part({ typ: "JWT", alg: "RS256", x5c })}.${part(claims)}`;
    const token = `${body}.${sign("RSA-SHA256", Buffer.from(body), privateKey).toString("base64url")}`;
    response.writeHead(200, { "Content-Type": "application/json", ...cors() }).end(JSON.stringify({ token, expires_in: 300 }));
  });
  return Object.assign(server, { realm: `${server.url}/token`, service, issuer, certificate });
}

// What the nginx snippet of docs/pull.md does: the page and a registry under one origin. OPTIONS is answered here, the
// realm is made one of this origin, and redirects of blobs are followed here.
export async function proxy({ registry, token }) {
  const page = new URL(environment.url);
  const self = await serve(async (request, response) => {
    if (request.method === "OPTIONS") return response.writeHead(204, cors()).end();
    const target = request.url.startsWith("/v2/") ? registry : request.url.startsWith("/token?") ? token : page.origin;
    const upstream = await ask(target + request.url, request.headers);
    const headers = { ...upstream.headers };
    if (headers["www-authenticate"]) {
      headers["www-authenticate"] = headers["www-authenticate"].replace(/realm="[^"]*"/, 'realm="/token"');
    }
    response.writeHead(upstream.statusCode, headers);
    upstream.pipe(response);
  });
  return Object.assign(self, { page: `${self.url}${page.pathname}` });
}

async function ask(url, { accept, range, authorization }) {
  const headers = Object.fromEntries(Object.entries({ accept, range, authorization }).filter(([, value]) => value));
  const response = await new Promise((done, fail) => http.get(url, { headers }, done).on("error", fail));
  if (![301, 302, 303, 307, 308].includes(response.statusCode)) return response;
  response.resume();
  return ask(new URL(response.headers.location, url).href, { range });
}

// A registry in this process: one image of given layers, and lies by path.
export class Liar {
  static async start(layers = [Buffer.alloc(300_000, "a"), Buffer.alloc(400_000, "b")]) {
    const liar = new Liar();
    // Layers are tars of one file, so that they open.
    liar.layers = layers.map((content, index) => tar(`file-${index}`, content));
    const diff_ids = liar.layers.map(sha256);
    const config = Buffer.from(JSON.stringify({ os: "linux", architecture: "amd64", rootfs: { type: "layers", diff_ids } }));
    const descriptor = (mediaType, bytes) => ({ mediaType, digest: sha256(bytes), size: bytes.length });
    const manifest = Buffer.from(
      JSON.stringify({
        schemaVersion: 2,
        mediaType: "application/vnd.oci.image.manifest.v1+json",
        config: descriptor("application/vnd.oci.image.config.v1+json", config),
        layers: liar.layers.map((layer) => descriptor("application/vnd.oci.image.layer.v1.tar", layer)),
      }),
    );
    liar.files = new Map([["/v2/x/manifests/1", manifest], [`/v2/x/blobs/${sha256(config)}`, config]]);
    for (const layer of liar.layers) liar.files.set(`/v2/x/blobs/${sha256(layer)}`, layer);
    liar.lies = new Map();
    Object.assign(liar, await serve((request, response) => liar.answer(request, response)));
    return liar;
  }

  blob = (index) => `/v2/x/blobs/${sha256(this.layers[index])}`;

  // The next answers for a path: each a function of request, response and the honest bytes. `undefined` is honest.
  lie(path, ...answers) {
    this.lies.set(path, answers);
  }

  answer(request, response) {
    if (request.method === "OPTIONS") return response.writeHead(204, cors()).end();
    const path = request.url.split("?")[0];
    const bytes = this.files.get(path);
    const lie = this.lies.get(path)?.shift();
    if (lie) return lie(request, response, bytes);
    if (!bytes) return response.writeHead(404, cors()).end();
    honest(request, response, bytes);
  }
}

// Answers with the bytes, or with the range that is asked for.
export function honest(request, response, bytes) {
  const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "");
  if (!range) return response.writeHead(200, { "Content-Length": bytes.length, ...cors() }).end(bytes);
  const [first, last] = [Number(range[1]), range[2] ? Number(range[2]) : bytes.length - 1];
  const headers = { "Content-Range": `bytes ${first}-${last}/${bytes.length}`, "Content-Length": last - first + 1, ...cors() };
  response.writeHead(206, headers).end(bytes.subarray(first, last + 1));
}

// A tar of one file.
export function tar(name, content) {
  const header = Buffer.alloc(512);
  header.write(name, 0);
  header.write("0000644\0", 100);
  header.write("0000000\0", 108);
  header.write("0000000\0", 116);
  header.write(`${content.length.toString(8).padStart(11, "0")}\0`, 124);
  header.write("00000000000\0", 136);
  header.write("        ", 148);
  header.write("0", 156);
  header.write("ustar\0" + "00", 257);
  const sum = header.reduce((sum, byte) => sum + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return Buffer.concat([header, content, Buffer.alloc((512 - (content.length % 512)) % 512), Buffer.alloc(1024)]);
}

async function answers(url) {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const response = await fetch(url).catch(() => null);
    if (response) return;
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error(`nothing answers at ${url}`);
}

function ended(child) {
  return new Promise((done) => {
    child.once("exit", done);
    child.kill();
  });
}
