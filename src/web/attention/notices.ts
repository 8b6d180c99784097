/** The browser's notifications: whether they can be had, asking for them, showing one per room. */

/** `insecure`: browsers notify only of pages that came over HTTPS. `missing`: this one does not at all. */
export type Permission = NotificationPermission | 'insecure' | 'missing';

export class Notices {
  readonly #tag: string;
  #isMissing = !('Notification' in globalThis);
  #shown: Notification | undefined;

  constructor(room: string) {
    this.#tag = `parlor:${room}`;
  }

  get permission(): Permission {
    if (!isSecureContext) return 'insecure';
    return this.#isMissing ? 'missing' : Notification.permission;
  }

  /** Asks the user; only in answer to a click of his. */
  async ask(): Promise<void> {
    if (this.permission === 'default') await Notification.requestPermission();
  }

  /** Shows a notification in place of the room's last one. */
  show(title: string, body: string): void {
    // Newer than the compiler's types: it sounds again, though it takes another's place.
    const options = { body, tag: this.#tag, icon: '/static/icon-192.png', renotify: true };
    try {
      const shown = new Notification(title, options);
      shown.addEventListener('click', () => {
        focus();
        shown.close();
      });
      this.#shown = shown;
    } catch {
      // Chromium on phones has them for service workers only.
      this.#isMissing = true;
    }
  }

  /** What was told is known. */
  clear(): void {
    this.#shown?.close();
    this.#shown = undefined;
  }
}
