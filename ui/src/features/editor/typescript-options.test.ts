import { TypeScriptWorker } from 'monaco-editor/languages/features/typescript/tsWorker.js';
import { describe, expect, it } from 'vitest';
import { compilerOptions } from './typescript-options';

/** What the editor's compiler says of a program. */
async function complaints(code: string): Promise<string[]> {
  const uri = { path: '/main.ts', toString: () => 'file:///main.ts' };
  const model = { uri, version: 1, getValue: () => code };
  const worker = new TypeScriptWorker(
    { getMirrorModels: () => [model] },
    { compilerOptions: compilerOptions(false), extraLibs: {} },
  );
  const found = await worker.getSemanticDiagnostics('file:///main.ts');
  return found.map(({ messageText }) =>
    typeof messageText === 'string' ? messageText : messageText.messageText,
  );
}

describe('compilerOptions', () => {
  it('know the names that a program finds where it runs', { timeout: 60_000 }, async () => {
    const program = `console.log("x");
      setTimeout(() => console.table([structuredClone({ at: performance.now() })]), 1);
      const name: string | null = prompt("name?");
      const page = new URL("https://example.com/?q=1").searchParams.get("q");
      const bytes = new TextEncoder().encode(name ?? page ?? "");
      const stop = new AbortController();
      queueMicrotask(() => stop.abort());
      for (const [key, value] of new Headers()) console.log(key, value, bytes.length);
      for await (const part of new Blob(["x"]).stream()) console.log(part.length);
      const grouped: Partial<Record<"odd" | "even", number[]>> = Object.groupBy([1, 2], (n) => (n % 2 ? "odd" : "even"));
      console.log([3, 1].toSorted(), new Map([[1, 2]]).entries().map(([k]) => k).toArray(), grouped);
      using log = { [Symbol.dispose]: () => console.log("closed") };
      export { log };`;
    expect(await complaints(program)).toEqual([]);
  });

  it('still tell what is wrong', { timeout: 60_000 }, async () => {
    expect(await complaints('const n: number = "x"; nowhere();')).toEqual([
      "Type 'string' is not assignable to type 'number'.",
      "Cannot find name 'nowhere'.",
    ]);
  });
});
