// Keeps the page, its programs, samples and miniatures, so that all of it works offline.
//
// A stale worker must never meet a new page. Every program's name holds a hash of its bytes, so a page finds exactly
// the programs it was built with, here or on the network. The page itself has one name for ever: it is asked for on
// the network first, and what is kept of it is only ever the one that belongs to the kept programs.

// `cargo xtask build` writes these two lines: the names of all files, and a version that changes with any of them.
const VERSION = "development"
const FILES = []

const PREFIX = "layerlab-"
const CACHE = PREFIX + VERSION
const PAGE = "index.html"
// A page that takes longer than this to come is taken from the cache.
const PATIENCE_MS = 4000

const address = (name) => new URL(name, registration.scope).href
const KEPT = new Set(FILES.map(address))
const HASHED = /-[0-9a-f]{16}(\.[a-z0-9]+)?$/

addEventListener("install", (event) => event.waitUntil(keepAll()))
addEventListener("activate", (event) => event.waitUntil(takeOver()))
addEventListener("fetch", (event) => {
  const { request } = event
  if (request.method !== "GET" || FILES.length === 0) return
  const url = request.url.split(/[?#]/)[0]
  if (url === registration.scope || url === address(PAGE)) event.respondWith(page(request))
  // What is not of this build (a proxy of a registry, say) is none of its business.
  else if (KEPT.has(url)) event.respondWith(HASHED.test(url) ? kept(url, request) : fresh(url, request))
})

// A file that an older version kept under the same hashed name has the same bytes.
async function keepAll() {
  const cache = await caches.open(CACHE)
  const keep = async (url) => {
    const here = HASHED.test(url) ? await caches.match(url) : undefined
    const response = here ?? (await fetch(url, { cache: HASHED.test(url) ? "default" : "no-cache" }))
    if (!response.ok) throw new Error(`${response.status} for ${url}`)
    await cache.put(url, response)
  }
  for (const url of KEPT) await keep(url)
}

async function takeOver() {
  for (const name of await caches.keys()) {
    if (name.startsWith(PREFIX) && name !== CACHE) await caches.delete(name)
  }
  await clients.claim()
}

async function page(request) {
  const late = new Promise((_, reject) => setTimeout(() => reject(new Error("late")), PATIENCE_MS))
  try {
    return await Promise.race([fetch(request), late])
  } catch {
    return (await match(address(PAGE))) ?? fetch(request)
  }
}

async function kept(url, request) {
  return (await match(url)) ?? fetch(request)
}

async function fresh(url, request) {
  try {
    return await fetch(request)
  } catch (error) {
    const here = await match(url)
    if (here) return here
    throw error
  }
}

async function match(url) {
  return (await caches.open(CACHE)).match(url)
}
