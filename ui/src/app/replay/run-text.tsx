import { useEffect, useMemo } from 'react';
import * as Y from 'yjs';
import { OutputView } from '../../features/run/output/output-view';
import type { ReplayRun } from '../../replay/replay';

/** RunText draws what a run had written by the moment, in the terminal that the room has. */
export function RunText({ run }: { run: ReplayRun }) {
  const text = useMemo(() => new Y.Doc().getText(run.id), [run.id]);
  useEffect(() => {
    const now = text.toString();
    if (run.output.startsWith(now)) text.insert(now.length, run.output.slice(now.length));
    else
      text.doc?.transact(() => {
        text.delete(0, text.length);
        text.insert(0, run.output);
      });
  }, [text, run.output]);
  return <OutputView key={run.id} output={text} finished={run.status !== 'running'} />;
}
