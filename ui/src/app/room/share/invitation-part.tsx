import { Button, NumberInput, TextInput } from '@mantine/core';
import { CalendarPlus, Check, Copy } from 'lucide-react';
import { useState } from 'react';
import { copyText } from '../../../lib/copy-text';
import { isCallUrl } from '../../../lib/call-url';
import { icsOf } from '../../../lib/ics';
import { problemOfError } from '../../../lib/problem-kind';
import { TEXTS } from '../../../lib/texts';
import { invitation } from '../../../lib/texts/invitation';
import { saveFile } from '../../session/save-file';
import classes from './invitation-part.module.css';

export interface InvitationPartProps {
  id: string;
  title: string;
  /** The candidate's link; missing where this browser does not hold it. */
  link?: string;
  callUrl: string;
  /** Missing for people who do not lead. */
  onCallUrl?: (url: string) => Promise<void>;
}

const T = invitation;

/** InvitationPart makes the text and the calendar entry that go to the candidate. */
export function InvitationPart({ id, title, link, callUrl, onCallUrl }: InvitationPartProps) {
  const [when, setWhen] = useState('');
  const [minutes, setMinutes] = useState(60);
  const [copied, setCopied] = useState<boolean | null>(null);
  const start = when ? new Date(when) : null;
  const text = textOf({ title, link: link ?? '', callUrl, start, minutes });
  const download = () => {
    if (!start || !link) return;
    const uid = `${id}@${location.host}`;
    const ics = icsOf({ uid, title, description: text, url: link, start, minutes, now: new Date() });
    saveFile(new Blob([ics], { type: 'text/calendar;charset=utf-8' }), `parley-${id}.ics`);
  };
  return (
    <section className={classes.part} aria-label={T.heading}>
      <h3 className={classes.heading}>{T.heading}</h3>
      {onCallUrl && <CallField value={callUrl} onSave={onCallUrl} />}
      <div className={classes.when}>
        <TextInput
          type="datetime-local"
          label={T.whenLabel}
          value={when}
          onChange={(event) => setWhen(event.currentTarget.value)}
        />
        <NumberInput
          label={T.minutesLabel}
          value={minutes}
          min={5}
          max={600}
          step={15}
          allowDecimal={false}
          onChange={(value) => setMinutes(Number(value) || 60)}
        />
      </div>
      <p className={classes.hint}>{link ? T.whenHint : T.noLink}</p>
      <div className={classes.actions}>
        <Button
          variant="default"
          size="xs"
          disabled={!link}
          leftSection={copied ? <Check size={15} /> : <Copy size={15} />}
          onClick={() => void copyText(text).then(setCopied)}
        >
          {copied ? T.copied : T.copy}
        </Button>
        <Button
          variant="default"
          size="xs"
          disabled={!link || !start}
          title={start ? undefined : T.calendarNeeds}
          leftSection={<CalendarPlus size={15} />}
          onClick={download}
        >
          {T.calendar}
        </Button>
      </div>
      {copied === false && <pre className={classes.text}>{text}</pre>}
      <span role="status" className="visually-hidden">
        {copied === null ? '' : copied ? T.copied : T.copyFailed}
      </span>
    </section>
  );
}

interface CallFieldProps {
  value: string;
  onSave: (url: string) => Promise<void>;
}

/** CallField sets the link of the call for everybody in the session. */
function CallField({ value, onSave }: CallFieldProps) {
  const [url, setUrl] = useState(value);
  const [attempt, setAttempt] = useState<{ busy?: boolean; failure?: string }>({});
  const save = async () => {
    const link = url.trim();
    if (link && !isCallUrl(link)) return setAttempt({ failure: T.callInvalid });
    setAttempt({ busy: true });
    try {
      await onSave(link);
      setAttempt({});
    } catch (error) {
      setAttempt({ failure: TEXTS.session.failed(TEXTS.problems[problemOfError(error, 'session')].title) });
    }
  };
  return (
    <form
      className={classes.call}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <TextInput
        label={T.callLabel}
        description={T.callHint}
        placeholder={T.callPlaceholder}
        type="url"
        value={url}
        error={attempt.failure}
        onChange={(event) => setUrl(event.currentTarget.value)}
      />
      <Button type="submit" variant="default" loading={attempt.busy} disabled={url.trim() === value}>
        {value && url.trim() === value ? T.callSaved : T.callSave}
      </Button>
    </form>
  );
}

interface TextOf {
  title: string;
  link: string;
  callUrl: string;
  start: Date | null;
  minutes: number;
}

function textOf({ title, link, callUrl, start, minutes }: TextOf): string {
  const day = start?.toLocaleString(undefined, { dateStyle: 'full', timeStyle: 'short' });
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return [
    title,
    day && T.text.when(`${day}, ${zone}`, minutes),
    '',
    T.text.join(link),
    callUrl && T.text.call(callUrl),
    '',
    T.text.setup,
  ]
    .filter((line) => line !== undefined)
    .filter((line, i, all) => line !== '' || all[i - 1] !== '')
    .join('\n');
}
