// Waiting for a condition, never for a time.
import { setTimeout as pause } from "node:timers/promises";

/** Asks again until `probe` gives something truthy, and returns that. */
export async function until(what, probe, seconds = 30) {
  const deadline = Date.now() + seconds * 1000;
  let last;
  for (;;) {
    try {
      const answer = await probe();
      if (answer) return answer;
    } catch (error) {
      last = error;
    }
    if (Date.now() > deadline) throw new Error(`${what}: not within ${seconds} s`, { cause: last });
    await pause(50);
  }
}
