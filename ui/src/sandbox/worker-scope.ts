import type { FrameToWorker, WorkerToFrame } from './protocol';
import { startedFromData } from './script-address';

/** What we use of a dedicated worker's global scope; the DOM library has no type for it. */
export interface WorkerScope {
  addEventListener(type: 'message', listener: (event: MessageEvent) => void, options?: object): void;
  addEventListener(type: 'error', listener: (event: ErrorEvent) => void): void;
  addEventListener(type: 'unhandledrejection', listener: (event: PromiseRejectionEvent) => void): void;
}

export const scope = globalThis as unknown as WorkerScope;

let send: (message: WorkerToFrame) => void = () => undefined;
let receive: (message: FrameToWorker) => void = () => undefined;

/** Sends to the frame, over a port that no program can get hold of. */
export function post(message: WorkerToFrame): void {
  send(message);
}

export function onFrameMessage(listener: (message: FrameToWorker) => void): void {
  receive = listener;
}

/**
 * The frame's first message brings the port for all other messages. Then the worker's usual ways to
 * speak to its maker are closed, before any program runs. So only our code can use the port, and a
 * program can neither forge the end of a run nor flood the frame.
 */
scope.addEventListener(
  'message',
  (event: MessageEvent<FrameToWorker>) => {
    const port = event.ports[0];
    if (!port) return;
    send = port.postMessage.bind(port) as typeof send;
    port.onmessage = ({ data }: MessageEvent<FrameToWorker>) => receive(data);
    for (const name of ['postMessage', 'close', 'onmessage']) closeDoor(name);
    // Here the policy has to allow scripts in addresses. A worker that has one would have all
    // functions of the browser anew, so a program gets no worker of its own.
    if (startedFromData()) for (const name of ['Worker', 'SharedWorker']) closeDoor(name);
    receive(event.data);
  },
  { once: true },
);

function closeDoor(name: string): void {
  for (let at: object | null = globalThis; at; at = Object.getPrototypeOf(at) as object | null) {
    Reflect.deleteProperty(at, name);
  }
}
