import { Logo } from '../../components/logo';
import { TEXTS } from '../../lib/texts';
import classes from './lobby-page.module.css';

/**
 * LookingPage is shown while the server is asked about an invite. Its text appears only when that
 * takes long.
 */
export function LookingPage() {
  return (
    <div className={classes.page}>
      <header className={classes.header}>
        <Logo />
      </header>
      <main className={classes.main}>
        <p role="status" className={classes.looking}>
          {TEXTS.lobby.looking}
        </p>
      </main>
    </div>
  );
}
