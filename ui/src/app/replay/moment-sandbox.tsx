import { Button, Modal, Tabs } from '@mantine/core';
import { Play } from 'lucide-react';
import { useCallback, useMemo, useRef, useState } from 'react';
import * as Y from 'yjs';
import { LazySmallEditor } from '../../features/editor/lazy-small-editor';
import { useRunner } from '../../features/run/control/use-runner';
import { OutputView } from '../../features/run/output/output-view';
import { canRun } from '../../features/run/sandbox/kits';
import { clockText } from '../../lib/format-time';
import { languageLabel } from '../../lib/languages';
import { replay } from '../../lib/texts/replay';
import { useReadable } from '../../lib/use-readable';
import type { Moment, ReplayFile } from '../../replay/replay';
import { SharedRuns } from '../../sync/runs';
import { preparationOf } from '../session/prepare-program';
import classes from './moment-sandbox.module.css';

const T = replay.sandbox;

/** SandboxRoom is a document of one's own to run programs in. Nothing of it leaves this browser. */
class SandboxRoom {
  readonly doc = new Y.Doc();
  readonly self = { id: 'self' };
  readonly runs = new SharedRuns(this.doc);
}

/** MomentSandbox lets a person change and run a copy of the code of a moment. */
export function MomentSandbox({ moment, onClose }: { moment: Moment; onClose: () => void }) {
  return (
    <Modal
      opened
      onClose={onClose}
      title={T.title(clockText(moment.at))}
      size={920}
      closeButtonProps={{ 'aria-label': T.close }}
    >
      <p className={classes.lead}>{T.lead}</p>
      <Copy moment={moment} />
    </Modal>
  );
}

function Copy({ moment }: { moment: Moment }) {
  const { files } = moment;
  const [shown, setShown] = useState(() => moment.runs.at(-1)?.file ?? moment.lastEdit?.file ?? '');
  const file = files.find(({ id }) => id === shown) ?? files[0];
  const texts = useRef<Map<string, string> | null>(null);
  const [starts] = useState(() => new Map(files.map(({ id }) => [id, moment.text(id)])));
  const { run, start } = useCopyRun(files, () => (texts.current ??= new Map(starts)));
  if (!file) return null;
  return (
    <div className={classes.copy}>
      <Tabs value={file.id} onChange={(id) => id && setShown(id)}>
        <Tabs.List aria-label={replay.files}>
          {files.map(({ id, name }) => (
            <Tabs.Tab key={id} value={id}>
              {name}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {files.map(({ id, language }) => (
          <Tabs.Panel key={id} value={id} className={classes.editor}>
            <LazySmallEditor
              text={starts.get(id) ?? ''}
              language={language}
              label={T.editor}
              onChange={(text) => (texts.current ??= new Map(starts)).set(id, text)}
              onRun={() => start(file)}
            />
          </Tabs.Panel>
        ))}
      </Tabs>
      <div className={classes.bar}>
        {canRun(file.language) ? (
          <Button
            size="xs"
            leftSection={<Play size={13} fill="currentColor" />}
            loading={run?.status === 'running'}
            onClick={() => start(file)}
          >
            {T.run}
          </Button>
        ) : (
          <span>{T.cannotRun(languageLabel(file.language))}</span>
        )}
      </div>
      <div className={classes.output} role="group" aria-label={T.output}>
        {run ? (
          <OutputView key={run.id} output={run.output} finished={run.status !== 'running'} />
        ) : (
          <p className={classes.empty}>{T.empty}</p>
        )}
      </div>
    </div>
  );
}

function useCopyRun(files: readonly ReplayFile[], texts: () => ReadonlyMap<string, string>) {
  const room = useMemo(() => new SandboxRoom(), []);
  const runner = useRunner(room);
  const run = useReadable(room.runs).at(-1);
  const read = useRef(texts);
  const start = useCallback(
    (file: ReplayFile) => {
      if (!canRun(file.language)) return;
      const now = read.current();
      const all = Object.fromEntries(files.map(({ id, name }) => [name, now.get(id) ?? '']));
      const code = now.get(file.id) ?? '';
      void runner?.controller.start({ code, file, files: all, stdin: '', prepare: preparationOf(file) });
    },
    [runner, files],
  );
  return { run, start };
}
