// The token that the server checks on every request that changes something. A page carries it in
// <meta name="csrf-token">; it goes back as a header, never in an address.
export function csrfHeaders(): Record<string, string> {
  const token = document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content;
  return token ? { "X-CSRFToken": token } : {};
}
