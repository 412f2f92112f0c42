import { Lock } from 'lucide-react';
import { questions as T } from '../../lib/texts/questions';
import { useReadable } from '../../lib/use-readable';
import type { GuideStore } from './guide-store';
import { summaryOf } from './hidden-test-list';
import classes from './guide.module.css';

/** HiddenResults says below the output that all see what interviewers alone know. */
export function HiddenResults({ guide, onOpen }: { guide: GuideStore; onOpen: () => void }) {
  const checks = useReadable(guide.checks);
  const words = summaryOf(checks);
  if (words === '') return null;
  const passed = checks.results.filter(({ verdict }) => verdict === 'passed').length;
  const whole = checks.status === 'done' && passed === checks.count;
  return (
    <div className={classes.strip} data-good={whole || undefined} data-running={checks.status === 'running'}>
      <Lock size={13} aria-hidden="true" />
      <span className={classes.stripText}>
        <strong role="status">{words}</strong> <span>{T.onlyYou}</span>
      </span>
      <button type="button" onClick={onOpen}>
        {T.details}
      </button>
    </div>
  );
}
