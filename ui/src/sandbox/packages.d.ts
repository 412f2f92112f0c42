// What we use of packages that come without types, or with too few.

declare module 'sql.js' {
  export interface Statement {
    step(): boolean;
    get(values?: unknown[] | null, config?: { useBigInt: boolean }): unknown[];
    reset(): void;
    getColumnNames(): string[];
    getSQL(): string;
  }
  export interface StatementIterator {
    next(): { done: true; value: undefined } | { done: false; value: Statement };
    getRemainingSQL(): string;
  }
  export interface Database {
    exec(sql: string): unknown;
    prepare(sql: string): Statement;
    iterateStatements(sql: string): StatementIterator;
    getRowsModified(): number;
  }
  export default function initSqlJs(options: {
    instantiateWasm: (
      imports: WebAssembly.Imports,
      done: (instance: WebAssembly.Instance, module: WebAssembly.Module) => void,
    ) => object;
  }): Promise<{ Database: new () => Database }>;
}

declare module 'php-wasm/php8.4-web.mjs' {
  const load: new (options: object) => Promise<object>;
  export default load;
}

declare module 'virtual:yowasp-clang' {
  export interface Options {
    stdout?: (bytes: Uint8Array | null) => void;
    stderr?: (bytes: Uint8Array | null) => void;
    fetchProgress?: () => void;
  }
  export type Tree = { [name: string]: Tree | string | Uint8Array };
  export class Exit extends Error {
    code: number;
  }
  export function runClang(args: string[], files: Tree, options: Options): Promise<Tree> | Tree | undefined;
  export function runLLVM(args?: string[], files?: Tree, options?: Options): Promise<unknown> | undefined;
}
