import { Link } from 'react-router';
import { TEXTS } from '../lib/texts';
import classes from './logo.module.css';

/** Logo leads home. `compact` leaves out the name where room is scarce. */
export function Logo({ compact = false }: { compact?: boolean }) {
  return (
    <Link to="/" className={classes.logo} aria-label={TEXTS.appName}>
      <svg viewBox="0 0 32 32" width="24" height="24" aria-hidden="true">
        <rect width="32" height="32" rx="9" fill="#5b6cf2" />
        <path
          d="M12 10 7 16l5 6M20 10l5 6-5 6"
          fill="none"
          stroke="#fff"
          strokeWidth="2.6"
          strokeLinecap="round"
          strokeLinejoin="round"
        />
      </svg>
      {!compact && <span>{TEXTS.appName}</span>}
    </Link>
  );
}
