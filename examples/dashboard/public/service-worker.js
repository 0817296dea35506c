// Keeps the application's own files, so that it opens without a connection and then shows the last values it has.
const CACHE = 'twinergy-files-1';

self.addEventListener('install', (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(['/', '/icon.svg', '/manifest.webmanifest'])));
  self.skipWaiting();
});

self.addEventListener('activate', (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((keys) => Promise.all(keys.filter((key) => key !== CACHE).map((key) => caches.delete(key))))
      .then(() => self.clients.claim()),
  );
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== location.origin || url.pathname.startsWith('/api/')) return;
  if (request.mode === 'navigate') {
    event.respondWith(fetchAndKeep(event, '/').catch(async () => (await caches.match('/')) ?? Response.error()));
    return;
  }
  // Built files carry a hash of their content in their name: what is kept is right.
  if (url.pathname.startsWith('/assets/'))
    event.respondWith(caches.match(request).then((kept) => kept ?? fetchAndKeep(event, request)));
});

async function fetchAndKeep(event, key) {
  const response = await fetch(event.request);
  if (response.ok) {
    // The page does not wait for the keeping, and a page that is left in the middle breaks nothing but that.
    const kept = response.clone();
    event.waitUntil(
      caches
        .open(CACHE)
        .then((cache) => cache.put(key, kept))
        .catch(() => undefined),
    );
  }
  return response;
}
