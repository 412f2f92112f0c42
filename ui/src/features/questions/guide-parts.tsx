import { Button } from '@mantine/core';
import { Check, Eye, EyeOff } from 'lucide-react';
import { useRef, useState } from 'react';
import { Markdown } from '../../components/markdown';
import { questionTrouble, type Guide } from '../../lib/questions-api';
import { questions as T } from '../../lib/texts/questions';
import classes from './guide.module.css';

export interface GuidePartsProps {
  guide: Guide;
  onReveal: (part: number) => Promise<void>;
}

/** GuideParts lists the parts of the problem, and shows everybody the next one. */
export function GuideParts({ guide, onReveal }: GuidePartsProps) {
  const [attempt, setAttempt] = useState<{ busy: boolean; failure?: string; done?: number }>({ busy: false });
  const section = useRef<HTMLElement>(null);
  const next = guide.revealed + 1;
  const reveal = async () => {
    setAttempt({ busy: true });
    try {
      await onReveal(next);
      setAttempt({ busy: false, done: next });
      // After the last part its button is gone.
      if (next === guide.part_list.length) section.current?.focus();
    } catch (error) {
      setAttempt({ busy: false, failure: questionTrouble(error) });
    }
  };
  return (
    <section ref={section} tabIndex={-1} className={classes.section} aria-label={T.partsTitle}>
      <h4 className={classes.heading}>{T.partsTitle}</h4>
      <ol className={classes.parts}>
        {guide.part_list.map(({ title = '', prompt, revealed }, i) => (
          <li key={i} className={classes.part} data-revealed={revealed}>
            <details>
              <summary>
                <span className={classes.partName}>{T.part(i + 1, title)}</span>
                <span className={classes.partState}>
                  {revealed ? (
                    <Check size={13} aria-hidden="true" />
                  ) : (
                    <EyeOff size={13} aria-hidden="true" />
                  )}
                  {revealed ? T.revealed : T.unrevealed}
                </span>
              </summary>
              <Markdown text={prompt} />
            </details>
          </li>
        ))}
      </ol>
      {next <= guide.part_list.length && (
        <Button
          size="xs"
          leftSection={<Eye size={14} aria-hidden="true" />}
          loading={attempt.busy}
          onClick={() => void reveal()}
        >
          {T.reveal}
        </Button>
      )}
      <p role="status" className={classes.lead}>
        {attempt.done ? T.revealedNow(attempt.done) : ''}
      </p>
      {attempt.failure && (
        <p role="alert" className={classes.failure}>
          {attempt.failure}
        </p>
      )}
    </section>
  );
}
