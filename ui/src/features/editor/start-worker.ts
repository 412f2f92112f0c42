import { calm } from '../../lib/calm';

const AGAIN_MS = 5_000;

/**
 * startWorker starts a worker once the page is calm and its script is in the cache. A worker whose
 * script did not load stays dead, and the editor never asks for another.
 */
export async function startWorker(url: string): Promise<Worker> {
  await calm;
  while (!(await obtainable(url))) await new Promise((wake) => setTimeout(wake, AGAIN_MS));
  return new Worker(url, { type: 'module' });
}

async function obtainable(url: string): Promise<boolean> {
  try {
    // The service worker's cache. There is none on plain http.
    if (typeof caches !== 'undefined' && (await caches.match(url))) return true;
    // Read to the end, so that the worker finds the script in the browser's cache even when the
    // server goes away now.
    const script = await fetch(url);
    await script.arrayBuffer();
    return script.ok;
  } catch {
    return false;
  }
}
