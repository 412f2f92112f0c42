import { calm } from '../../lib/calm';

const AGAIN_MS = 5_000;

/**
 * startWorker starts a worker when the page is there, and its script can be had: one that did not
 * load stays dead, and the editor never asks for another.
 */
export async function startWorker(url: string): Promise<Worker> {
  await calm;
  while (!(await obtainable(url))) await new Promise((wake) => setTimeout(wake, AGAIN_MS));
  return new Worker(url, { type: 'module' });
}

async function obtainable(url: string): Promise<boolean> {
  try {
    // The service worker's; there is none where pages are not secure.
    if (typeof caches !== 'undefined' && (await caches.match(url))) return true;
    // All of it, so that the worker finds it in the browser's cache even when the server goes away
    // this moment.
    const script = await fetch(url);
    await script.arrayBuffer();
    return script.ok;
  } catch {
    return false;
  }
}
