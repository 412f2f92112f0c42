import { useCallback, useEffect } from 'react';
import { findProblems, type Problem } from '../../features/run/output/problems';
import { plainText } from '../../features/run/output/plain-text';
import { useReadable } from '../../lib/use-readable';
import type { Room } from '../../sync/room';
import { outputText } from '../../sync/runs';

/** Part of the editor's chunk, which a browser that shows a problem has loaded already. */
const loadMarkers = () => import('../../features/editor/problem-markers');

/**
 * useProblemMarks underlines in the shown file the places that the last run complains about. It
 * returns a function that goes to a place.
 */
export function useProblemMarks(room: Room): (problem: Problem) => void {
  const run = useReadable(room.runs).at(-1);
  const active = useReadable(room.active);
  const failed = run?.status === 'error' ? run : null;

  useEffect(() => {
    if (!failed) return undefined;
    let clear: (() => void) | null = null;
    let gone = false;
    void loadMarkers().then(({ markProblems }) => {
      if (gone) return;
      const names = room.files.getSnapshot().map(({ name }) => name);
      const problems = findProblems(plainText(outputText(failed.output)), names, failed.results !== null);
      clear = markProblems(problems.filter(({ file }) => file === active.name));
    });
    return () => {
      gone = true;
      clear?.();
    };
  }, [room, failed, active.name]);

  return useCallback(
    (problem: Problem) => {
      const file = room.files.getSnapshot().find(({ name }) => name === problem.file);
      if (file) room.active.open(file.id);
      // The file that was opened is shown in the next frame.
      requestAnimationFrame(() => {
        void loadMarkers().then(({ revealPlace }) => revealPlace(problem.line, problem.column ?? 1));
      });
    },
    [room],
  );
}
