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
