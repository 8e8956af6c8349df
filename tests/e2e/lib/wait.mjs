// Waiting for something to become true, instead of sleeping and hoping.

// Calls `look` until it gives something truthy and returns that. Failing names what was waited for.
export async function waitFor(what, look, limit_ms = 30_000) {
  const end = Date.now() + limit_ms;
  for (;;) {
    const found = await look();
    if (found)
      return found;
    if (Date.now() > end)
      throw new Error(`waited ${limit_ms / 1000} s in vain for: ${what}`);
    await new Promise((done) => { setTimeout(done, 25); });
  }
}
