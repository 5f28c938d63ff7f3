// Conditions instead of time.

/** How long any condition may take, in milliseconds: what guards against a hang, on the busiest of machines. */
export const limit = 180_000;

/** Waits until f gives something true, which it returns. An error of f counts as not yet. */
export async function until<T>(what: string, f: () => T | Promise<T>, within = limit): Promise<NonNullable<T>> {
  const end = Date.now() + within;
  for (let last: unknown; ; ) {
    try {
      const value = await f();
      if (value) return value;
      last = value;
    } catch (err) {
      last = err;
    }
    if (Date.now() > end) throw new Error(`waited in vain: ${what} (last: ${last instanceof Error ? last.message : JSON.stringify(last)})`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Fails with what differs. */
export function equal(got: unknown, want: unknown, what: string): void {
  const [a, b] = [JSON.stringify(got, null, 1), JSON.stringify(want, null, 1)];
  if (a !== b) throw new Error(`${what}\ngot:  ${a}\nwant: ${b}`);
}

export function ok(value: unknown, what: string): void {
  if (!value) throw new Error(what);
}
