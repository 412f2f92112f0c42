import type { FrameToWorker, WorkerToFrame } from './protocol';

/** What we use of a dedicated worker's global scope; the DOM library has no type for it. */
export interface WorkerScope {
  postMessage(message: WorkerToFrame): void;
  addEventListener(type: 'message', listener: (event: MessageEvent<FrameToWorker>) => void): void;
  addEventListener(type: 'error', listener: (event: ErrorEvent) => void): void;
  addEventListener(type: 'unhandledrejection', listener: (event: PromiseRejectionEvent) => void): void;
}

export const scope = globalThis as unknown as WorkerScope;

/** Taken before user code runs, so that a program that overwrites postMessage by accident still ends. */
const postMessage = scope.postMessage.bind(scope);

export function post(message: WorkerToFrame): void {
  postMessage(message);
}
