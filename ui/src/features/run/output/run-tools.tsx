import { ActionIcon, Tooltip } from '@mantine/core';
import { ClipboardCopy, Eraser, History, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { copyText } from '../../../lib/copy-text';
import { languageLabel } from '../../../lib/languages';
import { TEXTS } from '../../../lib/texts';
import { outputText, type Run } from '../../../sync/runs';
import { plainText } from './plain-text';
import classes from './output-panel.module.css';

export interface RunToolsProps {
  runs: readonly Run[];
  /** The run that is shown. */
  run: Run;
  /** Names who ran a run. */
  nameOf: (run: Run) => string;
  onChoose: (id: string) => void;
  onClear: () => void;
  /** Takes the run away for everybody; null for people who do not lead. */
  onRemove: (() => void) | null;
}

/** RunTools: earlier runs, copy, clear. Clearing is for this screen; the others keep theirs. */
export function RunTools({ runs, run, nameOf, onChoose, onClear, onRemove }: RunToolsProps) {
  const [copied, setCopied] = useState<string | null>(null);
  const copy = async () => {
    const done = await copyText(plainText(outputText(run.output)));
    setCopied(done ? TEXTS.run.copied : TEXTS.share.copyFailed);
  };
  return (
    <div className={classes.tools}>
      {runs.length > 1 && (
        <Tooltip label={TEXTS.run.earlier} withArrow>
          <span className={classes.runs}>
            <History size={15} aria-hidden="true" />
            <select
              aria-label={TEXTS.run.earlier}
              value={run.id}
              onChange={(event) => onChoose(event.currentTarget.value)}
            >
              {runs
                .map((each, index) => ({ each, index }))
                .reverse()
                .map(({ each, index }) => (
                  <option key={each.id} value={each.id}>
                    {TEXTS.run.earlierRun(
                      runs.length - index,
                      languageLabel(each.language),
                      nameOf(each),
                      TEXTS.run.status[each.status],
                    )}
                  </option>
                ))}
            </select>
          </span>
        </Tooltip>
      )}
      <Tooltip label={copied ?? TEXTS.run.copy} withArrow>
        <ActionIcon
          size="sm"
          variant="subtle"
          color="gray"
          aria-label={TEXTS.run.copy}
          onClick={() => void copy()}
          onMouseLeave={() => setCopied(null)}
        >
          <ClipboardCopy size={15} />
        </ActionIcon>
      </Tooltip>
      <Tooltip label={TEXTS.run.clear} withArrow>
        <ActionIcon size="sm" variant="subtle" color="gray" aria-label={TEXTS.run.clear} onClick={onClear}>
          <Eraser size={15} />
        </ActionIcon>
      </Tooltip>
      {onRemove && (
        <Tooltip label={TEXTS.run.removeRun} withArrow>
          <ActionIcon
            size="sm"
            variant="subtle"
            color="gray"
            aria-label={TEXTS.run.removeRun}
            onClick={onRemove}
          >
            <Trash2 size={15} />
          </ActionIcon>
        </Tooltip>
      )}
    </div>
  );
}
