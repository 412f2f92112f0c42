/**
 * A page takes the keyboard after somebody has pressed it, and not by itself: what is typed for the
 * editor would land in the page. The page around the frame gives the focus back as well; this makes
 * sure that it need not do so many times a second.
 */
export function keepFocusOut(): void {
  const { apply } = Reflect;
  const activation = navigator.userActivation;
  const active = Object.getOwnPropertyDescriptor(UserActivation.prototype, 'hasBeenActive')?.get;
  const pressed = () => active !== undefined && Boolean(apply(active, activation, []));
  const gate = (owner: object, name: string, instead: (self: object) => void) => {
    const was: unknown = Reflect.get(owner, name);
    if (typeof was !== 'function') return;
    const value = function (this: object, ...args: unknown[]): unknown {
      return pressed() ? apply(was, this ?? owner, args) : instead(this);
    };
    // Not configurable: the page cannot get at what was there.
    Object.defineProperty(owner, name, { value, configurable: false, writable: false });
  };
  const nothing = () => undefined;
  const open = (dialog: object) => void Reflect.set(dialog, 'open', true);
  for (const owner of [globalThis, HTMLElement.prototype, SVGElement.prototype, MathMLElement.prototype]) {
    gate(owner, 'focus', nothing);
  }
  gate(HTMLDialogElement.prototype, 'show', open);
  gate(HTMLDialogElement.prototype, 'showModal', open);
}
