import * as decoding from 'lib0/decoding';
import { messageYjsSyncStep2, messageYjsUpdate } from 'y-protocols/sync';
import { splitFrame } from './split-update';

const MESSAGE_SYNC = 0;

/**
 * No message of ours is longer, in bytes. A server takes 1 MiB by default; whoever runs it may set
 * less.
 */
const MAX_MESSAGE = 192 * 1024;

/**
 * changeKind says whether a frame of ours carries document changes, and how; null for all other
 * frames.
 */
export function changeKind(frame: Uint8Array): 'step2' | 'update' | null {
  const decoder = decoding.createDecoder(frame);
  if (!decoding.hasContent(decoder) || decoding.readVarUint(decoder) !== MESSAGE_SYNC) return null;
  if (!decoding.hasContent(decoder)) return null;
  const type = decoding.readVarUint(decoder);
  if (type === messageYjsSyncStep2) return 'step2';
  return type === messageYjsUpdate ? 'update' : null;
}

/**
 * countingSocket gives a WebSocket class for the provider that reports each outgoing frame with
 * changes. A frame that is too long for the server goes in several: `part` for all but the last.
 * The provider sends through whatever class it is given, so nothing that leaves can be
 * missed.
 */
export function countingSocket(
  Base: typeof WebSocket,
  onChange: (kind: 'step2' | 'update' | 'part') => void,
): typeof WebSocket {
  return class CountingSocket extends Base {
    override send(data: string | ArrayBufferLike | Blob | ArrayBufferView<ArrayBufferLike>): void {
      if (data instanceof Uint8Array) {
        const kind = changeKind(data);
        if (kind) {
          const parts = splitFrame(data, MAX_MESSAGE);
          parts.forEach((part, index) => {
            onChange(index < parts.length - 1 ? 'part' : kind);
            super.send(part as Uint8Array<ArrayBuffer>);
          });
          return;
        }
      }
      super.send(data as ArrayBufferView<ArrayBuffer>);
    }
  };
}
