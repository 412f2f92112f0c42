import { useState, type DragEvent } from 'react';
import type { FileInfo } from '../../sync/files';

const TYPE = 'application/x-parley-file';

/** useDrag moves a file by dragging its tab; onMove gets its place, counted without it. */
export function useDrag(files: readonly FileInfo[], onMove: (id: string, index: number) => void) {
  const [dragged, setDragged] = useState<string | null>(null);
  const [target, setTarget] = useState<{ id: string; side: 'before' | 'after' } | null>(null);
  const end = () => {
    setDragged(null);
    setTarget(null);
  };
  const dropOf = (id: string) => (target?.id === id && dragged !== id ? target.side : null);
  const handlersOf = (id: string) => ({
    onDragStart: (event: DragEvent) => {
      event.dataTransfer.setData(TYPE, id);
      event.dataTransfer.effectAllowed = 'move';
      setDragged(id);
    },
    onDragOver: (event: DragEvent) => {
      if (dragged === null) return;
      event.preventDefault();
      const box = event.currentTarget.getBoundingClientRect();
      setTarget({ id, side: event.clientX < box.left + box.width / 2 ? 'before' : 'after' });
    },
    onDrop: (event: DragEvent) => {
      if (dragged === null) return;
      event.preventDefault();
      const others = files.filter((file) => file.id !== dragged);
      const at = others.findIndex((file) => file.id === id);
      if (at >= 0 && target) onMove(dragged, target.side === 'before' ? at : at + 1);
      end();
    },
    onDragEnd: end,
  });
  return { dropOf, handlersOf };
}
