/**
 * Pyodide refuses to load where importScripts works. It is useless here anyway (the sandbox has no
 * network), and a frame with an opaque origin can start no other kind of worker. Import this before
 * pyodide.
 */
(globalThis as unknown as { importScripts?: unknown }).importScripts = undefined;
