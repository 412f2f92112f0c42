export function pack(files: Record<string, Uint8Array>): Buffer;
