import { Button, SegmentedControl } from '@mantine/core';
import { PenLine } from 'lucide-react';
import { useCallback, useMemo, useState, type ReactNode } from 'react';
import type * as Y from 'yjs';
import { Markdown } from '../../components/markdown';
import { Empty, Panel, Read } from '../../components/panel';
import { TextField } from '../../components/text-field';
import { TEXTS } from '../../lib/texts';
import { useReadable } from '../../lib/use-readable';
import { bindTextField, textOf } from '../../sync/text-field';

export interface PromptPanelProps {
  /** The problem statement, Markdown. */
  text: Y.Text;
  /** Whether this person may write it now. */
  writes: boolean;
  /** Beside reading and writing: what else there is to do. */
  more?: ReactNode;
}

const T = TEXTS.beside.problem;

/** usePrompt follows the problem statement, while it is typed too. */
export function usePrompt(text: Y.Text): string {
  const readable = useMemo(() => textOf(text), [text]);
  return useReadable(readable);
}

/** PromptPanel shows the problem to all, and lets interviewers write it. */
export function PromptPanel({ text, writes, more }: PromptPanelProps) {
  const [editing, setEditing] = useState(false);
  const prompt = usePrompt(text);
  const bind = useCallback((field: HTMLTextAreaElement) => bindTextField(field, text), [text]);
  const shown = writes && editing;
  return (
    <Panel
      title={T.heading}
      actions={
        writes && (
          <>
            {more}
            <Mode editing={editing} onChange={setEditing} />
          </>
        )
      }
    >
      {shown && <TextField label={T.editor} placeholder={T.placeholder} autoFocus bind={bind} />}
      {!shown && prompt.trim() !== '' && (
        <Read label={T.heading}>
          <Markdown text={prompt} />
        </Read>
      )}
      {!shown && prompt.trim() === '' && (
        <Empty title={T.empty} lead={writes ? T.emptyLead : T.emptyOthers}>
          {writes && (
            <Button
              size="xs"
              variant="default"
              leftSection={<PenLine size={14} />}
              onClick={() => setEditing(true)}
            >
              {T.write}
            </Button>
          )}
        </Empty>
      )}
    </Panel>
  );
}

function Mode({ editing, onChange }: { editing: boolean; onChange: (editing: boolean) => void }) {
  return (
    <SegmentedControl
      size="xs"
      aria-label={T.mode}
      value={editing ? 'edit' : 'read'}
      onChange={(value) => onChange(value === 'edit')}
      data={[
        { value: 'read', label: T.read },
        { value: 'edit', label: T.edit },
      ]}
    />
  );
}
