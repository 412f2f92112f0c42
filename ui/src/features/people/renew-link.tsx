import { Button } from '@mantine/core';
import { useId, useState } from 'react';
import { problemOfError } from '../../lib/problem-kind';
import { TEXTS } from '../../lib/texts';
import classes from './share-popover.module.css';

export interface RenewLinkProps {
  label: string;
  hint: string;
  /** Makes the new link; what is shown then is the caller's. */
  onRenew: () => Promise<void>;
}

/** RenewLink makes a link that this browser does not hold anew, after saying what becomes of the old one. */
export function RenewLink({ label, hint, onRenew }: RenewLinkProps) {
  const [step, setStep] = useState<'closed' | 'asking' | 'busy'>('closed');
  const warning = useId();
  const [failure, setFailure] = useState<string | null>(null);
  const renew = async () => {
    setStep('busy');
    setFailure(null);
    try {
      await onRenew();
    } catch (error) {
      setFailure(TEXTS.problems[problemOfError(error, 'session')].title);
      setStep('asking');
    }
  };
  return (
    <div role="group" aria-label={label} className={classes.renew}>
      <div className={classes.renewHead}>
        <div>
          <div className={classes.renewLabel}>{label}</div>
          <div className={classes.hint}>{hint}</div>
        </div>
        {step === 'closed' && (
          <Button
            size="xs"
            variant="default"
            aria-label={TEXTS.share.renewOf(label)}
            onClick={() => setStep('asking')}
          >
            {TEXTS.share.renew}
          </Button>
        )}
      </div>
      {step !== 'closed' && (
        <>
          <p id={warning} className={classes.warning}>
            {TEXTS.share.renewWarning(label)}
          </p>
          <div className={classes.renewActions}>
            <Button
              size="xs"
              autoFocus
              aria-describedby={warning}
              loading={step === 'busy'}
              onClick={() => void renew()}
            >
              {TEXTS.share.renewConfirm}
            </Button>
            <Button size="xs" variant="default" disabled={step === 'busy'} onClick={() => setStep('closed')}>
              {TEXTS.share.renewCancel}
            </Button>
          </div>
        </>
      )}
      {failure && (
        <p role="alert" className={classes.failure}>
          {failure}
        </p>
      )}
    </div>
  );
}
