import * as decoding from 'lib0/decoding';
import { messageYjsSyncStep2, messageYjsUpdate } from 'y-protocols/sync';

const MESSAGE_SYNC = 0;

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
 * changes. The provider sends through whatever class it is given, so nothing that leaves can be
 * missed.
 */
export function countingSocket(
  Base: typeof WebSocket,
  onChange: (kind: 'step2' | 'update') => void,
): typeof WebSocket {
  return class CountingSocket extends Base {
    override send(data: string | ArrayBufferLike | Blob | ArrayBufferView<ArrayBufferLike>): void {
      if (data instanceof Uint8Array) {
        const kind = changeKind(data);
        if (kind) onChange(kind);
      }
      super.send(data as ArrayBufferView<ArrayBuffer>);
    }
  };
}
