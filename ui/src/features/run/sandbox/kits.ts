import clangWorkerUrl from 'virtual:sandbox/clang-worker';
import goWorkerUrl from 'virtual:sandbox/go-worker';
import jsWorkerUrl from 'virtual:sandbox/js-worker';
import luaWorkerUrl from 'virtual:sandbox/lua-worker';
import phpWorkerUrl from 'virtual:sandbox/php-worker';
import postgresWorkerUrl from 'virtual:sandbox/postgres-worker';
import pythonWorkerUrl from 'virtual:sandbox/python-worker';
import rubyWorkerUrl from 'virtual:sandbox/ruby-worker';
import sqliteWorkerUrl from 'virtual:sandbox/sqlite-worker';
import { PROGRAM_PAGES, TOOL_PAGES } from '../../../sandbox/memory-limit';
import type { Kit } from '../../../sandbox/protocol';
import { fetchBytes, runtimeOf, type Runtime } from './runtimes';

/** Recipe says what a kit is made of. Languages that differ only in what is run share one. */
interface Recipe {
  /** Script of the worker. */
  worker: string;
  /** Id of the runtime whose files it needs; null for none. */
  runtime: string | null;
  /** Most memory of its modules, in pages. */
  maxPages: number;
  /** Whether a running program hears a polite request to stop. */
  interruptible: boolean;
}

const recipe = (worker: string, runtime: string | null, more: Partial<Recipe> = {}): Recipe => ({
  worker,
  runtime,
  maxPages: PROGRAM_PAGES,
  interruptible: false,
  ...more,
});

const KITS: Record<string, Recipe> = {
  js: recipe(jsWorkerUrl, null),
  python: recipe(pythonWorkerUrl, 'python', { interruptible: true }),
  sqlite: recipe(sqliteWorkerUrl, 'sqlite'),
  postgres: recipe(postgresWorkerUrl, 'postgres'),
  lua: recipe(luaWorkerUrl, 'lua'),
  ruby: recipe(rubyWorkerUrl, 'ruby'),
  php: recipe(phpWorkerUrl, 'php'),
  // Compilers need more than what they make; programs have their own limit.
  go: recipe(goWorkerUrl, 'go', { maxPages: TOOL_PAGES }),
  clang: recipe(clangWorkerUrl, 'clang', { maxPages: TOOL_PAGES }),
};

const KIT_OF: Record<string, string> = {
  javascript: 'js',
  typescript: 'js',
  python: 'python',
  sql: 'sqlite',
  pgsql: 'postgres',
  lua: 'lua',
  ruby: 'ruby',
  php: 'php',
  go: 'go',
  c: 'clang',
  cpp: 'clang',
};

/** kitOf names the kit that runs a language; null if it cannot be run, or is no program (HTML). */
export function kitOf(language: string): string | null {
  return KIT_OF[language] ?? null;
}

/** canRun says whether programs in this language can be run here. */
export function canRun(language: string): boolean {
  return language in KIT_OF || isPage(language);
}

/** isPage says whether a language is shown instead of run. */
export function isPage(language: string): boolean {
  return language === 'html';
}

/** canInterrupt says whether it is worth asking a program to stop before ending it by force. */
export function canInterrupt(language: string): boolean {
  return KITS[kitOf(language) ?? '']?.interruptible ?? false;
}

/** isLight says whether a kit is small enough to be loaded before anybody presses Run. */
export function isLight(kit: string): boolean {
  return kit === 'js' || kit === 'python' || kit === 'sqlite' || kit === 'lua';
}

/** Guessed size of a worker's script, for the progress bar. */
const SCRIPT_BYTES = 100_000;

/**
 * fetchKit gets all files of a kit. The sandbox has no network and no cache, so the page fetches
 * the files and hands the bytes over. They come from this server, and the browser keeps them for
 * ever. progress gets the share from 0 to 1.
 */
export async function fetchKit(kit: string, progress: (share: number) => void): Promise<Kit> {
  const recipe = KITS[kit];
  if (!recipe) throw new Error(`no kit ${kit}`);
  const runtime: Runtime | null = recipe.runtime ? await runtimeOf(recipe.runtime) : null;
  const files = runtime?.files ?? [];
  const total = SCRIPT_BYTES + files.reduce((sum, file) => sum + file.bytes, 0);
  let loaded = 0;
  const count = (bytes: number) => {
    loaded += bytes;
    progress(Math.min(0.99, loaded / total));
  };
  const [worker, ...bytes] = await Promise.all([
    fetchBytes(recipe.worker, count),
    ...files.map((file) => fetchBytes(file.url, count)),
  ]);
  const named = files.map((file, i) => [file.name, bytes[i]] as const);
  return {
    worker: new TextDecoder().decode(worker),
    files: Object.fromEntries(named) as Record<string, ArrayBuffer>,
    maxPages: recipe.maxPages,
  };
}
