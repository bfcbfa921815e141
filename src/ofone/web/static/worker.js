// Shows what the company sends to this device, and opens the tracker that asked for it.
// The scope of this worker is that tracker's address; nothing is cached, no request is answered.
self.addEventListener("push", (event) => {
  const { title, tag, timestamp } = event.data.json();
  event.waitUntil(
    self.registration.showNotification(title, { tag, timestamp, icon: "/static/app-192.png" }),
  );
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open());
});

async function open() {
  const here = new URL(self.registration.scope);
  const pages = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const page = pages.find((one) => new URL(one.url).pathname === here.pathname);
  return page ? page.focus() : self.clients.openWindow(here.href);
}
