/** Runtime is what this server has of a language. */
export interface Runtime {
  id: string;
  version: string;
  /** bytes: of the content, not of its compressed form. */
  files: { name: string; url: string; bytes: number; transfer: number }[];
}

interface Index {
  runtimes: Runtime[];
  /** Python packages, by the name of their wheel. */
  wheels: string[];
}

/** MissingRuntime means that this server has no runtime for a language. */
export class MissingRuntime extends Error {}

let index: Promise<Index> | null = null;

/** runtimeIndex asks the server once what it has. */
export function runtimeIndex(): Promise<Index> {
  index ??= fetchIndex().catch((error: unknown) => {
    index = null;
    throw error;
  });
  return index;
}

export async function runtimeOf(id: string): Promise<Runtime> {
  const found = (await runtimeIndex()).runtimes.find((runtime) => runtime.id === id);
  if (!found) throw new MissingRuntime(id);
  return found;
}

async function fetchIndex(): Promise<Index> {
  const response = await fetch('/runtimes/index.json');
  if (!response.ok) throw new Error(`/runtimes/index.json: ${response.status}`);
  const { runtimes, wheels } = (await response.json()) as {
    runtimes: {
      id: string;
      version: string;
      files: { name: string; path: string; bytes: number; transfer: number }[];
    }[];
    wheels: { name: string }[];
  };
  return {
    runtimes: runtimes.map(({ id, version, files }) => ({
      id,
      version,
      files: files.map(({ path, ...file }) => ({ ...file, url: `/runtimes/${id}/${path}` })),
    })),
    wheels: wheels.map(({ name }) => name),
  };
}

/** fetchBytes downloads one file and tells how many bytes have come. */
export async function fetchBytes(
  url: string,
  count: (bytes: number) => void = () => undefined,
): Promise<ArrayBuffer> {
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
