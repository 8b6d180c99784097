/** What an operator can do: what each says before, asks for, and says afterwards. */

import { el } from '../dom.ts';
import { words } from '../text/admin.ts';
import { type Act, askToAct, type Report } from './act-dialog.ts';
import { type AdminApi, longestReason } from './admin-api.ts';
import type { AdminRoom, AdminSession, Ban, BanKind, BanWish } from './answers.ts';
import { choice, labelled } from './parts.ts';

export class Acts {
  readonly #api: AdminApi;
  readonly #report: Report;
  readonly #changed: () => void;

  /** @param changed called when something was done: what is shown is out of date */
  constructor(api: AdminApi, report: Report, changed: () => void) {
    this.#api = api;
    this.#report = report;
    this.#changed = changed;
  }

  remove({ sessionId, name, room }: AdminSession): void {
    const reason = reasonField();
    this.#ask({
      title: words.removeTitle(name),
      says: words.removeSays(name, room),
      fields: [labelled(words.reason, reason, words.reasonHint)],
      confirm: words.remove,
      isDire: true,
      act: () => this.#api.removeSession(sessionId, reason.value.trim()),
      done: words.removed(name, room),
    });
  }

  /** Whoever is in a session: as the user, by the name, or by the address. */
  banFrom({ name, user, address, room }: AdminSession): void {
    const whom = new Map<BanKind, string>();
    if (user) whom.set('user', user.id);
    whom.set('name', name);
    if (address !== null) whom.set('address', address);
    const kind = choice([...whom].map(([of, value]) => [of, words.banChoice[of](value)]));
    const where = choice([
      ['', words.banEverywhere],
      [room, words.banRoom(room)],
    ]);
    const wish = (): Who => {
      const of = kindOf(kind.value);
      return { kind: of, value: whom.get(of) ?? '', room: where.value };
    };
    this.#ban(words.banTitle(name), wish, [labelled(words.banWhom, kind), labelled(words.banWhere, where)]);
  }

  banSomebody(): void {
    const kind = choice(Object.entries(words.banKinds));
    const value = el('input', { autocomplete: 'off', spellcheck: 'false' });
    const field = labelled(words.banValue, value, words.banValueHints.user);
    kind.addEventListener('change', () => {
      const hint = field.querySelector('.hint');
      if (hint) hint.textContent = words.banValueHints[kindOf(kind.value)];
    });
    const room = el('input', { autocomplete: 'off', spellcheck: 'false' });
    const wish = (): Who => ({
      kind: kindOf(kind.value),
      value: value.value.trim(),
      room: room.value.trim(),
    });
    this.#ban(words.banNewTitle, wish, [
      labelled(words.banWhom, kind),
      field,
      labelled(words.banRoomName, room),
    ]);
  }

  unban({ id, value }: Ban): void {
    this.#ask({
      title: words.unbanTitle(value),
      says: words.unbanSays,
      confirm: words.unban,
      act: () => this.#api.unban(id),
      done: words.unbanned(value),
    });
  }

  close({ name, members }: AdminRoom): void {
    const reason = reasonField();
    this.#ask({
      title: words.closeTitle(name),
      says: words.closeSays(name, members),
      fields: [labelled(words.reason, reason, words.reasonClosed)],
      confirm: words.closeRoom,
      isDire: true,
      act: () => this.#api.closeRoom(name, reason.value.trim()),
      done: words.closed(name),
    });
  }

  reopen({ name }: AdminRoom): void {
    this.#ask({
      title: words.reopenTitle(name),
      says: words.reopenSays,
      confirm: words.reopen,
      act: () => this.#api.reopenRoom(name),
      done: words.reopened(name),
    });
  }

  announce({ name, members }: AdminRoom): void {
    const text = el('textarea', { rows: '3' });
    this.#ask({
      title: words.announceTitle(name),
      says: words.announceSays(members),
      fields: [labelled(words.announcement, text)],
      confirm: words.announce,
      wrong: () => (text.value.trim() === '' ? words.announcementMissing : ''),
      act: async () => {
        await this.#api.announce(name, text.value.trim());
      },
      done: words.announced(name),
    });
  }

  /** @param redacted called when it is */
  redact(room: string, id: number, speaker: string, redacted: () => void): void {
    const reason = reasonField();
    this.#ask({
      title: words.redactTitle,
      says: words.redactSays(speaker),
      fields: [labelled(words.reason, reason, words.reasonLogged)],
      confirm: words.redact,
      isDire: true,
      act: async () => {
        await this.#api.redact(room, id, reason.value.trim());
        redacted();
      },
      done: words.redacted,
    });
  }

  #ban(title: string, who: () => Who, fields: readonly HTMLElement[]): void {
    const spans = ['600', '3600', '86400', '604800', '2592000', ''];
    const span = choice(spans.map((seconds) => [seconds, words.spans[seconds] ?? seconds]));
    span.value = '3600';
    const reason = reasonField();
    let ban: Ban | undefined;
    this.#ask({
      title,
      says: words.banSays,
      fields: [...fields, labelled(words.banFor, span), labelled(words.reason, reason, words.reasonHint)],
      confirm: words.ban,
      isDire: true,
      wrong: () => (who().value === '' ? words.banValueMissing : ''),
      act: async () => {
        const { kind, value, room } = who();
        const wish: BanWish = {
          kind,
          value,
          ...(room && { room }),
          ...(span.value && { seconds: Number(span.value) }),
          ...(reason.value.trim() && { reason: reason.value.trim() }),
        };
        ban = await this.#api.ban(wish);
      },
      done: () => words.banned(ban?.value ?? who().value),
    });
  }

  #ask(act: Act): void {
    askToAct(act, (text) => {
      this.#report(text);
      this.#changed();
    });
  }
}

interface Who {
  readonly kind: BanKind;
  readonly value: string;
  /** Empty: everywhere. */
  readonly room: string;
}

function reasonField(): HTMLInputElement {
  return el('input', { autocomplete: 'off', maxlength: String(longestReason) });
}

function kindOf(value: string): BanKind {
  return value === 'user' || value === 'address' ? value : 'name';
}
