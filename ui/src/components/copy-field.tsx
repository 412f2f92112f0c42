import { ActionIcon, TextInput, Tooltip } from '@mantine/core';
import { Check, Copy } from 'lucide-react';
import { useEffect, useState } from 'react';
import { copyText } from '../lib/copy-text';
import { TEXTS } from '../lib/texts';
import classes from './copy-field.module.css';

/** How long the tick stays. */
const COPIED_MS = 1_800;

export interface CopyFieldProps {
  label: string;
  hint?: string;
  value: string;
  /** Takes the focus as it appears, with its text selected. */
  autoFocus?: boolean;
}

/** CopyField shows a text to be copied, with a button that does it. */
export function CopyField({ label, hint, value, autoFocus }: CopyFieldProps) {
  const [result, setResult] = useState<'copied' | 'failed' | null>(null);
  useEffect(() => {
    if (!result) return undefined;
    const timer = setTimeout(() => setResult(null), COPIED_MS);
    return () => clearTimeout(timer);
  }, [result]);
  const copy = async () => setResult((await copyText(value)) ? 'copied' : 'failed');
  const message = result === 'failed' ? TEXTS.share.copyFailed : TEXTS.share.copied;
  return (
    <div>
      <TextInput
        label={label}
        description={hint}
        value={value}
        readOnly
        autoFocus={autoFocus}
        size="sm"
        classNames={{ input: classes.input, label: classes.label, description: classes.hint }}
        onFocus={(event) => event.currentTarget.select()}
        rightSectionWidth={38}
        rightSection={
          <Tooltip label={message} opened={result !== null} withArrow>
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={TEXTS.share.copy(label)}
              onClick={() => void copy()}
            >
              {result === 'copied' ? <Check size={16} color="var(--good)" /> : <Copy size={16} />}
            </ActionIcon>
          </Tooltip>
        }
      />
      <span role="status" className="visually-hidden">
        {result ? message : ''}
      </span>
    </div>
  );
}
