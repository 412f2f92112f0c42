import { Button, Modal } from '@mantine/core';
import { useEffect, useState, type RefObject } from 'react';
import { ApiError } from '../../lib/api';
import { archived, type Archived } from '../../lib/archive-api';
import type { Interview } from '../../lib/my-interviews';
import { TEXTS } from '../../lib/texts';
import { interviews as T } from '../../lib/texts/interviews';
import { nameOf } from './interview-row';
import classes from './interviews.module.css';

/** Somebody who was in an archived interview. */
export type Person = Archived['participants'][number];

export interface ForgetDialogProps {
  /** null: the dialog is closed. */
  interview: Interview | null;
  onClose: () => void;
  /** Forgets the person. The dialog closes afterwards; when that fails, it says why. */
  onForget: (person: Person) => Promise<void>;
  /** What gets the focus after closing. */
  returnTo: RefObject<HTMLElement | null>;
}

/** ForgetDialog takes a person's name and addresses out of an archived interview. */
export function ForgetDialog({ interview, onClose, onForget, returnTo }: ForgetDialogProps) {
  // The words stay while the dialog closes.
  const [shown, setShown] = useState<Interview | null>(null);
  if (interview && interview !== shown) setShown(interview);
  return (
    <Modal
      opened={interview !== null}
      onClose={onClose}
      onExitTransitionEnd={() => returnTo.current?.focus()}
      title={shown ? T.forgetTitle(nameOf(shown)) : ''}
      centered
      size={460}
      closeButtonProps={{ 'aria-label': TEXTS.session.close }}
    >
      {shown && <Choice key={shown.id} interview={shown} onClose={onClose} onForget={onForget} />}
    </Modal>
  );
}

type ChoiceProps = Omit<ForgetDialogProps, 'interview' | 'returnTo'> & { interview: Interview };

function Choice({ interview, onClose, onForget }: ChoiceProps) {
  const [people, failed] = usePeople(interview);
  const [chosen, setChosen] = useState('');
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState('');
  const person = people?.find(({ id }) => id === chosen);
  const act = async () => {
    if (!person) return;
    setBusy(true);
    setFailure('');
    try {
      await onForget(person);
      onClose();
    } catch (error) {
      setFailure(T.failed(reasonOf(error)));
    } finally {
      setBusy(false);
    }
  };
  const problem = failure || (failed !== null ? T.failed(reasonOf(failed)) : '');
  return (
    <>
      <p className={classes.dialogLead}>{T.forgetLead}</p>
      {people ? (
        <fieldset className={classes.choices}>
          <legend>{T.forgetWho}</legend>
          {people.map(({ id, name, role }) => (
            <label key={id} className={classes.choice}>
              <input
                type="radio"
                name="person"
                value={id}
                checked={id === chosen}
                onChange={() => setChosen(id)}
              />
              <span>{name}</span>
              <span className={classes.choiceRole}>{TEXTS.people.roles[role]}</span>
            </label>
          ))}
        </fieldset>
      ) : (
        failed === null && <p role="status">{T.loadingPeople}</p>
      )}
      {problem && (
        <p role="alert" className={classes.failure}>
          {problem}
        </p>
      )}
      <div className={classes.dialogActions}>
        <Button variant="default" data-autofocus onClick={onClose}>
          {TEXTS.session.cancel}
        </Button>
        <Button color="red.9" disabled={!person} loading={busy} onClick={() => void act()}>
          {T.forgetConfirm}
        </Button>
      </div>
    </>
  );
}

/** usePeople reads who was in an archived interview. */
function usePeople({ id, token }: Interview): [readonly Person[] | null, unknown] {
  const [people, setPeople] = useState<readonly Person[] | null>(null);
  const [failed, setFailed] = useState<unknown>(null);
  useEffect(() => {
    let current = true;
    archived({ id, token }).then(
      ({ participants }) => current && setPeople(participants),
      (error: unknown) => current && setFailed(error),
    );
    return () => {
      current = false;
    };
  }, [id, token]);
  return [people, failed];
}

const reasonOf = (error: unknown): string => (error instanceof ApiError ? error.message : String(error));
