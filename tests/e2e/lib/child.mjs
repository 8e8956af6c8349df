// Child processes that can not outlive a test program, and do not keep it waiting when a test has failed.
const running = new Set();

process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));

function setHold(child, hold) {
  for (const handle of [child, ...child.stdio])
    handle?.[hold]?.();
}

export function watch(child) {
  running.add(child);
  child.on('exit', () => running.delete(child));
  setHold(child, 'unref');
}

// Waits for the end of a watched child: [code, signal]. `exited`: once(child, 'exit'), made when it was started.
export async function waitForEnd(child, exited) {
  setHold(child, 'ref');
  return exited;
}
