/**
 * Addresses of scripts that exist in memory alone. Blobs are the first choice. WebKit starts no
 * blob as a worker in a frame with an opaque origin on an isolated page: it loses the blob's
 * policies. There the script is in the address itself. Such a worker has an origin of its own, so
 * it cannot import blobs either.
 */

const blobAddress = (source: string) => URL.createObjectURL(new Blob([source], { type: 'text/javascript' }));

const dataAddress = (source: string) => `data:text/javascript;charset=utf-8,${encodeURIComponent(source)}`;

let tried: Promise<boolean> | null = null;

/** Starts the smallest worker there is, to see whether this browser starts blobs. */
function tryBlob(): Promise<boolean> {
  return new Promise((resolve) => {
    const address = blobAddress('postMessage(0)');
    const worker = new Worker(address);
    const settle = (starts: boolean) => {
      worker.terminate();
      URL.revokeObjectURL(address);
      resolve(starts);
    };
    worker.onmessage = () => settle(true);
    worker.onerror = () => settle(false);
  });
}

/** blobsStart tells whether this browser starts blobs as workers here. It is tried once. */
export function blobsStart(): Promise<boolean> {
  return (tried ??= tryBlob());
}

/** workerAddress gives an address from which a worker of this script can be started. */
export async function workerAddress(source: string): Promise<string> {
  return (await blobsStart()) ? blobAddress(source) : dataAddress(source);
}

/** moduleAddress gives an address from which this worker can import a module. */
export function moduleAddress(source: string): string {
  return startedFromData() ? dataAddress(source) : blobAddress(source);
}

/** startedFromData tells a worker whether its script came in its address. */
export function startedFromData(): boolean {
  return globalThis.location?.protocol === 'data:';
}
