/// <reference types="vite-plugin-pwa/client" />
declare const __UI_VERSION__: string;

declare module 'virtual:sandbox/*' {
  const url: string;
  export default url;
}

declare module 'pyodide/pyodide.asm.mjs' {
  import type { PyodideConfig } from 'pyodide/ffi';
  const createPyodideModule: NonNullable<PyodideConfig['createPyodideModule']>;
  export default createPyodideModule;
}

/** What tests use of it: the compiler as the editor's worker has it. */
declare module 'monaco-editor/languages/features/typescript/tsWorker.js' {
  interface Model {
    uri: { path: string; toString(): string };
    version: number;
    getValue(): string;
  }
  export class TypeScriptWorker {
    constructor(
      context: { getMirrorModels(): Model[] },
      data: { compilerOptions: object; extraLibs: object },
    );
    getSyntacticDiagnostics(name: string): Promise<{ messageText: string | { messageText: string } }[]>;
    getSemanticDiagnostics(name: string): Promise<{ messageText: string | { messageText: string } }[]>;
  }
}
