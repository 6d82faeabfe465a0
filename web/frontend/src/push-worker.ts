// Shows the messages that come for this device, whether a page of ours is open or not, and leads to what they are
// about. Served as /push-worker.js. A message says a kind of thing and a number, nothing of a customer.
type Message = { title: string; body: string; path: string; tag: string };
type OpenWindow = { url: string; focus(): Promise<unknown> };
type Lasting = Event & { waitUntil(work: Promise<unknown>): void };
type Pushed = Lasting & { data: { json(): Message } | null };
type Clicked = Lasting & { notification: Notification & { data: string } };
type PushWorker = EventTarget & {
  registration: ServiceWorkerRegistration;
  clients: { matchAll(how: object): Promise<OpenWindow[]>; openWindow(url: string): Promise<unknown> };
  location: Location;
};

const worker = globalThis as unknown as PushWorker;

worker.addEventListener("push", (event) => {
  const pushed = event as Pushed;
  const message = pushed.data?.json();
  if (!message) return;
  const shown = { body: message.body, tag: message.tag, data: message.path, icon: "/static/icon.svg" };
  pushed.waitUntil(worker.registration.showNotification(message.title, shown));
});

worker.addEventListener("notificationclick", (event) => {
  const clicked = event as Clicked;
  clicked.notification.close();
  clicked.waitUntil(lead(new URL(clicked.notification.data, worker.location.origin)));
});

async function lead(place: URL): Promise<unknown> {
  if (place.origin !== worker.location.origin) return null;
  const windows = await worker.clients.matchAll({ type: "window", includeUncontrolled: true });
  const open = windows.find((each) => each.url === place.href);
  return open ? open.focus() : worker.clients.openWindow(place.href);
}
