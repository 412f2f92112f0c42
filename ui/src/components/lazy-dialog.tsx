import { useEffect, useState, type ComponentType } from 'react';
import { calm } from '../lib/calm';

interface DialogProps {
  opened: boolean;
  onClose: () => void;
}

/**
 * lazyDialog loads a dialog once the page is calm, or when it is opened before. A dialog that does
 * not load closes again, so that the page stays and the person can press once more.
 */
export function lazyDialog<P extends DialogProps>(load: () => Promise<ComponentType<P>>): ComponentType<P> {
  let loaded: ComponentType<P> | null = null;
  const begin = async () => (loaded ??= await load());
  void calm.then(() => begin().catch(() => undefined));

  return function LazyDialog(props: P) {
    const { opened, onClose } = props;
    const [Ready, setReady] = useState<ComponentType<P> | null>(null);
    const [closedOnce, setClosedOnce] = useState(false);
    useEffect(() => {
      if (!opened || Ready) return undefined;
      let current = true;
      begin().then(
        (dialog) => current && setReady(() => dialog),
        () => current && onClose(),
      );
      return () => {
        current = false;
      };
    }, [opened, Ready, onClose]);
    // A dialog gives the focus back to what had it when it was opened, so it is drawn closed first.
    useEffect(() => {
      if (Ready) setClosedOnce(true);
    }, [Ready]);
    return Ready && <Ready {...props} opened={opened && closedOnce} />;
  };
}
