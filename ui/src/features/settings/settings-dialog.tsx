import { Button, Modal, SegmentedControl, Switch } from '@mantine/core';
import { Minus, Plus } from 'lucide-react';
import { useId, type ReactNode, type RefObject } from 'react';
import {
  FONTS,
  FONT_SIZES,
  TAB_SIZES,
  preferences,
  type FontId,
  type Preferences,
} from '../../lib/preferences';
import { TEXTS } from '../../lib/texts';
import { settingsDialog as T } from '../../lib/texts/settings-dialog';
import { useReadable } from '../../lib/use-readable';
import classes from './settings-dialog.module.css';

export interface SettingsDialogProps {
  opened: boolean;
  onClose: () => void;
  /** What gets the focus after closing. */
  returnTo: RefObject<HTMLElement | null>;
}

/** SettingsDialog is what each person sets up for themselves. Every choice takes effect at once. */
export function SettingsDialog({ opened, onClose, returnTo }: SettingsDialogProps) {
  const chosen = useReadable(preferences);
  const change = (some: Partial<Preferences>) => preferences.change(some);
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      // The first time the dialog loads while it opens, so it does not know what had the focus.
      onExitTransitionEnd={() => returnTo.current?.focus()}
      title={TEXTS.settings.title}
      size={520}
      centered
      radius="lg"
      classNames={{ content: classes.dialog, header: classes.head, title: classes.title }}
      closeButtonProps={{ 'aria-label': T.close }}
    >
      <p className={classes.lead}>{T.lead}</p>
      <Choice
        label={T.theme}
        options={T.themes}
        value={chosen.theme}
        onChange={(theme) => change({ theme })}
      />
      <FontChoice font={chosen.font} size={chosen.fontSize} onChange={change} />
      <Choice
        label={T.keys}
        options={T.keyChoices}
        value={chosen.keys}
        onChange={(keys) => change({ keys })}
      />
      {chosen.keys === 'emacs' && <p className={classes.hint}>{T.emacsHint}</p>}
      <Choice
        label={T.tabSize}
        options={Object.fromEntries(TAB_SIZES.map((size) => [String(size), T.tabSizeOf(size)]))}
        value={String(chosen.tabSize)}
        onChange={(size) => change({ tabSize: Number(size) })}
      />
      <Switch
        className={classes.switch}
        label={T.autocomplete}
        description={T.autocompleteHint}
        checked={chosen.autocomplete}
        onChange={(event) => change({ autocomplete: event.currentTarget.checked })}
      />
      <Switch
        className={classes.switch}
        label={T.wrap}
        checked={chosen.wrap}
        onChange={(event) => change({ wrap: event.currentTarget.checked })}
      />
    </Modal>
  );
}

function Row({ label, id, children }: { label: string; id: string; children: ReactNode }) {
  return (
    <div className={classes.row} role="group" aria-labelledby={id}>
      <span id={id} className={classes.label}>
        {label}
      </span>
      {children}
    </div>
  );
}

interface ChoiceProps<K extends string> {
  label: string;
  options: Readonly<Record<K, string>>;
  value: K;
  onChange: (value: K) => void;
}

function Choice<K extends string>({ label, options, value, onChange }: ChoiceProps<K>) {
  const id = useId();
  const data = (Object.entries(options) as [K, string][]).map(([key, text]) => ({ value: key, label: text }));
  return (
    <Row label={label} id={id}>
      <SegmentedControl
        size="xs"
        fullWidth
        classNames={{ root: classes.segments, label: classes.segment, indicator: classes.chosen }}
        aria-labelledby={id}
        data={data}
        value={value}
        onChange={(next) => onChange(next as K)}
      />
    </Row>
  );
}

interface FontChoiceProps {
  font: FontId;
  size: number;
  onChange: (some: Partial<Preferences>) => void;
}

function FontChoice({ font, size, onChange }: FontChoiceProps) {
  const [fontId, sizeId] = [useId(), useId()];
  return (
    <>
      <Row label={T.font} id={fontId}>
        <select
          className={classes.select}
          aria-labelledby={fontId}
          value={font}
          onChange={(event) => onChange({ font: event.currentTarget.value as FontId })}
        >
          {Object.entries(T.fonts).map(([id, name]) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
      </Row>
      <Row label={T.fontSize} id={sizeId}>
        <Button.Group>
          <Button
            size="xs"
            variant="default"
            aria-label={T.smaller}
            disabled={size <= FONT_SIZES.min}
            onClick={() => onChange({ fontSize: size - 1 })}
          >
            <Minus size={14} aria-hidden="true" />
          </Button>
          <Button.GroupSection className={classes.size} variant="default" size="xs" aria-live="polite">
            {size} {T.fontSizeUnit}
          </Button.GroupSection>
          <Button
            size="xs"
            variant="default"
            aria-label={T.larger}
            disabled={size >= FONT_SIZES.max}
            onClick={() => onChange({ fontSize: size + 1 })}
          >
            <Plus size={14} aria-hidden="true" />
          </Button>
        </Button.Group>
      </Row>
      <pre className={classes.sample} style={{ fontFamily: FONTS[font], fontSize: size }} aria-hidden="true">
        {T.sample}
      </pre>
    </>
  );
}
