import { Button } from '@mantine/core';
import { QrCode as QrIcon, RefreshCw } from 'lucide-react';
import { useState } from 'react';
import { CopyField } from '../../components/copy-field';
import { QrCode } from '../../components/qr-code';
import { TEXTS } from '../../lib/texts';
import { RenewConfirm } from './renew-link';
import classes from './share-dialog.module.css';

export interface InviteLinkProps {
  label: string;
  hint: string;
  value: string;
  /** Takes the focus as it appears. */
  autoFocus: boolean;
  /** Makes a new link, which ends this one. Missing for people who may not. */
  onRenew?: () => Promise<void>;
}

/** InviteLink is one link with what can be done with it. */
export function InviteLink({ label, hint, value, autoFocus, onRenew }: InviteLinkProps) {
  const [shown, setShown] = useState<'link' | 'code' | 'renew'>('link');
  const toggle = (which: 'code' | 'renew') => setShown((now) => (now === which ? 'link' : which));
  return (
    <div role="group" aria-label={label} className={classes.link}>
      <CopyField label={label} hint={hint} value={value} autoFocus={autoFocus} />
      <div className={classes.linkActions}>
        <Button
          size="compact-xs"
          variant="subtle"
          color="gray"
          leftSection={<QrIcon size={13} />}
          aria-expanded={shown === 'code'}
          aria-label={TEXTS.share.codeOf(label)}
          onClick={() => toggle('code')}
        >
          {TEXTS.share.code}
        </Button>
        {onRenew && (
          <Button
            size="compact-xs"
            variant="subtle"
            color="gray"
            leftSection={<RefreshCw size={13} />}
            aria-expanded={shown === 'renew'}
            aria-label={TEXTS.share.renewOf(label)}
            onClick={() => toggle('renew')}
          >
            {TEXTS.share.renew}
          </Button>
        )}
      </div>
      {shown === 'code' && <QrCode text={value} label={TEXTS.share.codeOf(label)} />}
      {shown === 'renew' && onRenew && (
        <RenewConfirm label={label} onRenew={onRenew} onCancel={() => setShown('link')} />
      )}
    </div>
  );
}
