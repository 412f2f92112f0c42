import { TEXTS } from '../lib/texts';
import classes from './lost-words.module.css';

/** What somebody wrote, in which file; "" where it is none. */
type Words = readonly { file: string; text: string }[];

/** wordsOf gives all of it as one text, to be copied. */
export function wordsOf(lost: Words): string {
  return lost.map(({ file, text }) => (lost.length > 1 && file ? `${file}:\n${text}` : text)).join('\n\n');
}

/**
 * LostWords shows what the server did not take. It can be scrolled and selected by keyboard too.
 */
export function LostWords({ lost, lead }: { lost: Words; lead?: string }) {
  return (
    <section className={classes.words} aria-label={TEXTS.connection.refusedLabel} tabIndex={0}>
      {lead && <p className={classes.lead}>{lead}</p>}
      {lost.map(({ file, text }, index) => (
        <figure key={index} className={classes.one}>
          {file && <figcaption className={classes.file}>{file}</figcaption>}
          <pre className={classes.text}>{text}</pre>
        </figure>
      ))}
    </section>
  );
}
