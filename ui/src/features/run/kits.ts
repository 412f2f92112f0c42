import jsWorkerUrl from 'virtual:sandbox/js-worker';
import pythonWorkerUrl from 'virtual:sandbox/python-worker';
import type { Kit } from '../../sandbox/protocol';

/** Recipe says which files a language needs, and about how large they are, for the progress bar. */
interface Recipe {
  worker: { url: string; bytes: number };
  files: { name: string; url: string; bytes: number }[];
  /** Whether a running program hears a polite request to stop. */
  interruptible: boolean;
}

const MB = 1_000_000;

const RECIPES: Record<string, Recipe> = {
  javascript: { worker: { url: jsWorkerUrl, bytes: 0.2 * MB }, files: [], interruptible: false },
  python: {
    worker: { url: pythonWorkerUrl, bytes: 1.3 * MB },
    files: [
      { name: 'pyodide.asm.wasm', url: `${__PYODIDE_BASE__}pyodide.asm.wasm`, bytes: 9.6 * MB },
      { name: 'python_stdlib.zip', url: `${__PYODIDE_BASE__}python_stdlib.zip`, bytes: 2.55 * MB },
      { name: 'pyodide-lock.json', url: `${__PYODIDE_BASE__}pyodide-lock.json`, bytes: 0.12 * MB },
    ],
    interruptible: true,
  },
};

/** canRun says whether programs in this language can be run here. */
export function canRun(language: string): boolean {
  return language in RECIPES;
}

/** canInterrupt says whether it is worth asking a program to stop before ending it by force. */
export function canInterrupt(language: string): boolean {
  return RECIPES[language]?.interruptible ?? false;
}

/**
 * fetchKit gets all that a language needs. The sandbox has no network and no cache, so the page fetches (from
 * this server, kept by the browser for ever) and hands the bytes over. progress is told the share from 0 to 1.
 */
export async function fetchKit(language: string, progress: (share: number) => void): Promise<Kit> {
  const recipe = RECIPES[language];
  if (!recipe) throw new Error(`no runtime for ${language}`);
  const total = recipe.worker.bytes + recipe.files.reduce((sum, file) => sum + file.bytes, 0);
  let loaded = 0;
  const count = (bytes: number) => {
    loaded += bytes;
    progress(Math.min(0.99, loaded / total));
  };
  const [worker, ...files] = await Promise.all([
    fetchBytes(recipe.worker.url, count),
    ...recipe.files.map((file) => fetchBytes(file.url, count)),
  ]);
  const named = recipe.files.map((file, i) => [file.name, files[i]] as const);
  return {
    worker: new TextDecoder().decode(worker),
    files: Object.fromEntries(named) as Record<string, ArrayBuffer>,
  };
}

async function fetchBytes(url: string, count: (bytes: number) => void): Promise<ArrayBuffer> {
  const response = await fetch(url);
  if (!response.ok || !response.body) throw new Error(`${url}: ${response.status}`);
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  const reader = response.body.getReader();
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    chunks.push(read.value);
    count(read.value.length);
  }
  return new Blob(chunks).arrayBuffer();
}
