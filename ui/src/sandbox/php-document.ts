/** php-wasm looks at a document while it loads, though it needs none. Import this before it. */
const target = globalThis as unknown as Record<string, unknown>;
target.window ??= globalThis;
target.document ??= { currentScript: null, querySelectorAll: () => [] };
