/** `contacts[0].phone`, `/contacts/0/phone` and `contacts.0.phone` are the same place. */
export function normalized(path: string): string {
  return path.replace(/^\//, "").replace(/\[(\d+)\]/g, ".$1").replaceAll("/", ".");
}

/** Returns what stands at a place, or undefined. */
export function dig(source: unknown, path: (string | number)[]): unknown {
  return path.reduce<unknown>((value, key) => (value as Record<string | number, unknown> | undefined)?.[key], source);
}

/** Returns a copy of `target` in which `value` stands at a place. */
export function put(target: unknown, [first, ...rest]: (string | number)[], value: unknown): unknown {
  if (first === undefined) return value;
  const copy = { ...(target as Record<string, unknown> | undefined) };
  copy[String(first)] = put(copy[String(first)], rest, value);
  return copy;
}
