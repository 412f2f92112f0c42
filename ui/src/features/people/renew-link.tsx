import { Button } from '@mantine/core';
import { useId, useState } from 'react';
import { problemOfError } from '../../lib/problem-kind';
import { TEXTS } from '../../lib/texts';
import classes from './share-dialog.module.css';

export interface RenewLinkProps {
  label: string;
  hint: string;
  /** Makes the new link. The caller shows it. */
  onRenew: () => Promise<void>;
}

/**
 * RenewLink replaces a link that this browser does not hold, after saying that the old link ends.
 */
export function RenewLink({ label, hint, onRenew }: RenewLinkProps) {
  const [asking, setAsking] = useState(false);
  return (
    <div role="group" aria-label={label} className={classes.renew}>
      <div className={classes.renewHead}>
        <div>
          <div className={classes.renewLabel}>{label}</div>
          <div className={classes.hint}>{hint}</div>
        </div>
        {!asking && (
          <Button
            size="xs"
            variant="default"
            aria-label={TEXTS.share.renewOf(label)}
            onClick={() => setAsking(true)}
          >
            {TEXTS.share.renew}
          </Button>
        )}
      </div>
      {asking && <RenewConfirm label={label} onRenew={onRenew} onCancel={() => setAsking(false)} />}
    </div>
  );
}

export interface RenewConfirmProps {
  label: string;
  onRenew: () => Promise<void>;
  onCancel: () => void;
}

/** RenewConfirm says that the old link ends, and makes the new one. */
export function RenewConfirm({ label, onRenew, onCancel }: RenewConfirmProps) {
  const [attempt, setAttempt] = useState<{ busy: boolean; failure?: string }>({ busy: false });
  const warning = useId();
  const renew = async () => {
    setAttempt({ busy: true });
    try {
      await onRenew();
    } catch (error) {
      setAttempt({ busy: false, failure: TEXTS.problems[problemOfError(error, 'session')].title });
    }
  };
  return (
    <div className={classes.renew}>
      <p id={warning} className={classes.warning}>
        {TEXTS.share.renewWarning(label)}
      </p>
      <div className={classes.renewActions}>
        <Button
          size="xs"
          autoFocus
          aria-describedby={warning}
          loading={attempt.busy}
          onClick={() => void renew()}
        >
          {TEXTS.share.renewConfirm}
        </Button>
        <Button size="xs" variant="default" disabled={attempt.busy} onClick={onCancel}>
          {TEXTS.share.renewCancel}
        </Button>
      </div>
      {attempt.failure && (
        <p role="alert" className={classes.failure}>
          {attempt.failure}
        </p>
      )}
    </div>
  );
}
