import { Button } from '@mantine/core';
import { useState } from 'react';
import { Notice } from '../../components/notice';
import { LostWords, wordsOf } from '../../components/lost-words';
import { copyText } from '../../lib/copy-text';
import { TEXTS } from '../../lib/texts';
import type { Refusal, Reopened } from './use-reopened';

const T = TEXTS.connection;

/** refusalOf joins the refusals of several documents for one notice. */
export function refusalOf(
  documents: readonly Pick<Reopened<unknown>, 'refusal' | 'dismiss'>[],
): RefusedNoticeProps {
  const refusals = documents.flatMap(({ refusal }) => refusal ?? []);
  return {
    refusal: refusals[0] ? { lost: refusals.flatMap(({ lost }) => lost), reason: refusals[0].reason } : null,
    onDismiss: () => documents.forEach(({ dismiss }) => dismiss()),
  };
}

export interface RefusedNoticeProps {
  refusal: Refusal | null;
  onDismiss: () => void;
}

/**
 * RefusedNotice says that the server refused the last changes, and shows their words so that they
 * can be copied.
 */
export function RefusedNotice({ refusal, onDismiss }: RefusedNoticeProps) {
  const [shown, setShown] = useState(false);
  if (!refusal) return null;
  const { lost, reason } = refusal;
  return (
    <>
      <Notice tone="warn" text={lost.length > 0 ? T.refusedWords[reason] : T.refused[reason]}>
        {lost.length > 0 && (
          <>
            <Button
              size="compact-xs"
              variant="default"
              aria-expanded={shown}
              onClick={() => setShown(!shown)}
            >
              {shown ? T.refusedHide : T.refusedShow}
            </Button>
            <CopyWords text={wordsOf(lost)} />
          </>
        )}
        <Button size="compact-xs" variant="subtle" color="gray" onClick={onDismiss}>
          {T.refusedDismiss}
        </Button>
      </Notice>
      {shown && <LostWords lost={lost} />}
    </>
  );
}

function CopyWords({ text }: { text: string }) {
  const [result, setResult] = useState<boolean | null>(null);
  return (
    <>
      <Button
        size="compact-xs"
        variant="default"
        onClick={() => void copyText(text).then((copied) => setResult(copied))}
      >
        {result ? T.refusedCopied : T.refusedCopy}
      </Button>
      <span role="status" className="visually-hidden">
        {result === null ? '' : result ? TEXTS.share.copied : TEXTS.share.copyFailed}
      </span>
    </>
  );
}
